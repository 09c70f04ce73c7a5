using ClawFS.Linux;

namespace ClawFS.Crypto.Tests;

/// <summary>A folder whose process dies at the n-th change: that one and all later ones do not happen.</summary>
internal sealed class DyingFolder(Folder inner, int changesLeft) : Folder
{
    private int left = changesLeft;

    public bool Died => left < 0;

    public override string Path => inner.Path;

    public override long FreeBytes => inner.FreeBytes;

    public override StorageFile Open(string name, StorageMode mode, uint permissions = 0x180)
    {
        if (mode is StorageMode.CreateNew or StorageMode.CreateOrOpen)
            Spend();
        return new DyingFile(inner.Open(name, mode, permissions), this);
    }

    public override bool Exists(string name) => inner.Exists(name);

    public override string[] List() => inner.List();

    public override Folder OpenFolder(string name, bool create = false, uint mode = 0x1C0) => inner.OpenFolder(name, create, mode);

    public override bool TryLock(string name, out string holder) => inner.TryLock(name, out holder);

    public override void Chown(uint uid, uint gid) => inner.Chown(uid, gid);

    public override bool Delete(string name)
    {
        Spend();
        return inner.Delete(name);
    }

    public override void Rename(string from, string to)
    {
        Spend();
        inner.Rename(from, to);
    }

    public override void Sync()
    {
        Spend();
        inner.Sync();
    }

    protected override void Dispose(bool disposing) => inner.Dispose();

    internal bool TrySpend() => --left >= 0;

    internal void Spend()
    {
        if (!TrySpend())
            throw new LinuxException(Errno.EIO, "die");
    }
}

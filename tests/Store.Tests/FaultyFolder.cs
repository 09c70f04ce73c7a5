using ClawFS.Linux;

namespace ClawFS.Store.Tests;

/// <summary>A folder whose files refuse what the test says; everything else goes to a real folder.</summary>
internal sealed class FaultyFolder(Folder real) : Folder
{
    /// <summary>Called before each write; the result is thrown after <see cref="BytesBeforeFault"/> bytes were written.</summary>
    public Func<Errno>? WriteFault { get; set; }

    /// <summary>How much of a write that is refused reaches the file.</summary>
    public int BytesBeforeFault { get; set; }

    public Func<Errno>? SyncFault { get; set; }
    public Func<Errno>? AllocateFault { get; set; }

    /// <summary>Number of SyncData calls that succeeded.</summary>
    public int Syncs { get; set; }

    /// <summary>Number of Sync calls on the folder.</summary>
    public int FolderSyncs { get; private set; }

    public override string Path => real.Path;
    public override long FreeBytes => real.FreeBytes;
    public override Folder OpenFolder(string name, bool create = false, uint mode = 0x1C0) => real.OpenFolder(name, create, mode);
    public override StorageFile Open(string name, StorageMode mode, uint permissions = 0x180) => new FaultyFile(this, real.Open(name, mode, permissions));
    public override bool Exists(string name) => real.Exists(name);
    public override bool Delete(string name) => real.Delete(name);
    public override void Rename(string from, string to) => real.Rename(from, to);
    public override string[] List() => real.List();

    public override void Sync()
    {
        FolderSyncs++;
        real.Sync();
    }

    public override bool TryLock(string name, out string holder) => real.TryLock(name, out holder);
    public override void Chown(uint uid, uint gid) => real.Chown(uid, gid);

    protected override void Dispose(bool disposing) => real.Dispose();

    private static void Refuse(Func<Errno>? fault, string action)
    {
        Errno error = fault?.Invoke() ?? Errno.Ok;
        if (error != Errno.Ok)
            throw new LinuxException(error, action);
    }

    private sealed class FaultyFile(FaultyFolder folder, StorageFile real) : StorageFile
    {
        public override string Path => real.Path;
        public override long Length => real.Length;
        public override int Read(Span<byte> buffer, long offset) => real.Read(buffer, offset);

        public override void Write(ReadOnlySpan<byte> data, long offset)
        {
            Errno error = folder.WriteFault?.Invoke() ?? Errno.Ok;
            if (error == Errno.Ok)
            {
                real.Write(data, offset);
                return;
            }
            real.Write(data[..Math.Min(folder.BytesBeforeFault, data.Length)], offset);
            throw new LinuxException(error, "write");
        }

        public override void Write2(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long offset) => Write([.. first, .. second], offset);

        public override void SyncData()
        {
            Refuse(folder.SyncFault, "fdatasync");
            real.SyncData();
            folder.Syncs++;
        }

        public override void Allocate(long offset, long length)
        {
            Refuse(folder.AllocateFault, "fallocate");
            real.Allocate(offset, length);
        }

        public override void PunchHole(long offset, long length) => real.PunchHole(offset, length);
        public override void Truncate(long length) => real.Truncate(length);
        public override void AdviseWillNeed(long offset, long length) => real.AdviseWillNeed(offset, length);
        protected override void Dispose(bool disposing) => real.Dispose();
    }
}

using ClawFS.Linux;

namespace ClawFS.Crypto.Tests;

/// <summary>A file of a <see cref="DyingFolder"/>; the write during which the process dies is torn in the middle.</summary>
internal sealed class DyingFile(StorageFile inner, DyingFolder folder) : StorageFile
{
    public override string Path => inner.Path;

    public override long Length => inner.Length;

    public override int Read(Span<byte> buffer, long offset) => inner.Read(buffer, offset);

    public override void Write(ReadOnlySpan<byte> data, long offset)
    {
        bool died = folder.Died;
        if (folder.TrySpend())
        {
            inner.Write(data, offset);
            return;
        }
        if (!died)
            inner.Write(data[..(data.Length / 2)], offset);
        throw new LinuxException(Errno.EIO, "die");
    }

    public override void Write2(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long offset)
    {
        folder.Spend();
        inner.Write2(first, second, offset);
    }

    public override void SyncData()
    {
        folder.Spend();
        inner.SyncData();
    }

    public override void Allocate(long offset, long length) => inner.Allocate(offset, length);

    public override void PunchHole(long offset, long length) => inner.PunchHole(offset, length);

    public override void Truncate(long length) => inner.Truncate(length);

    public override void AdviseWillNeed(long offset, long length) => inner.AdviseWillNeed(offset, length);

    protected override void Dispose(bool disposing) => inner.Dispose();
}

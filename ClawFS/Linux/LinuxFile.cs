using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>A storage file over a real descriptor.</summary>
internal sealed unsafe class LinuxFile(FileDescriptor descriptor, string path) : StorageFile
{
    public override string Path => path;

    public override long Length
    {
        get
        {
            using Borrowed fd = new(descriptor);
            stat status;
            if (fstat(fd.Number, &status) != 0)
                throw Failed("stat");
            return status.st_size;
        }
    }

    public override int Read(Span<byte> buffer, long offset)
    {
        using Borrowed fd = new(descriptor);
        int total = 0;
        fixed (byte* start = buffer)
        {
            while (total < buffer.Length)
            {
                ssize_t count = pread(fd.Number, start + total, buffer.Length - total, offset + total);
                if (count == 0)
                    break;
                if (count > 0)
                    total += (int)count;
                else if (LinuxException.Last != Errno.EINTR)
                    throw Failed("read");
            }
        }
        return total;
    }

    public override void Write(ReadOnlySpan<byte> data, long offset)
    {
        using Borrowed fd = new(descriptor);
        fixed (byte* start = data)
            WriteAll(fd.Number, start, data.Length, offset);
    }

    public override void Write2(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long offset)
    {
        using Borrowed fd = new(descriptor);
        fixed (byte* a = first, b = second)
        {
            long done = WriteOnce(fd.Number, a, first.Length, b, second.Length, offset);
            if (done < first.Length)
                WriteAll(fd.Number, a + done, first.Length - done, offset + done);
            long doneSecond = Math.Max(0, done - first.Length);
            WriteAll(fd.Number, b + doneSecond, second.Length - doneSecond, offset + first.Length + doneSecond);
        }
    }

    public override void SyncData()
    {
        using Borrowed fd = new(descriptor);
        if (fdatasync(fd.Number) != 0)
            throw Failed("sync");
    }

    public override void Allocate(long offset, long length) => Fallocate("allocate", FALLOC_FL_KEEP_SIZE, offset, length);

    public override void PunchHole(long offset, long length) =>
        Fallocate("punch a hole in", FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length);

    public override void Truncate(long length)
    {
        using Borrowed fd = new(descriptor);
        while (ftruncate(fd.Number, length) != 0)
        {
            if (LinuxException.Last != Errno.EINTR)
                throw Failed("truncate");
        }
    }

    public override void AdviseWillNeed(long offset, long length)
    {
        using Borrowed fd = new(descriptor);
        // The result is an advice not taken; there is nothing to do about it.
        _ = posix_fadvise(fd.Number, offset, length, POSIX_FADV_WILLNEED);
    }

    protected override void Dispose(bool disposing) => descriptor.Dispose();

    private void WriteAll(int fd, byte* start, long length, long offset)
    {
        while (length > 0)
        {
            ssize_t count = pwrite(fd, start, (size_t)(ulong)length, offset);
            if (count < 0)
            {
                if (LinuxException.Last != Errno.EINTR)
                    throw Failed("write");
                continue;
            }
            start += (long)count;
            length -= (long)count;
            offset += (long)count;
        }
    }

    private long WriteOnce(int fd, byte* a, int aLength, byte* b, int bLength, long offset)
    {
        NativeCalls.IoVector* parts = stackalloc NativeCalls.IoVector[2];
        parts[0] = new NativeCalls.IoVector { Base = a, Length = (nuint)aLength };
        parts[1] = new NativeCalls.IoVector { Base = b, Length = (nuint)bLength };
        nint count;
        while ((count = NativeCalls.pwritev(fd, parts, 2, offset)) < 0)
        {
            if (LinuxException.Last != Errno.EINTR)
                throw Failed("write");
        }
        return count;
    }

    private void Fallocate(string action, int mode, long offset, long length)
    {
        using Borrowed fd = new(descriptor);
        while (fallocate(fd.Number, mode, offset, length) != 0)
        {
            if (LinuxException.Last != Errno.EINTR)
                throw Failed(action);
        }
    }

    private LinuxException Failed(string action) => LinuxException.FromLast($"{action} {path}");
}

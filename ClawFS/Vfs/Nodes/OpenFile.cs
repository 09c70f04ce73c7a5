using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>One open generated file. Calls may come from several threads at once, and after each other from several processes.</summary>
public abstract class OpenFile
{
    /// <summary>How the kernel treats the descriptor; generated content never goes through the page cache.</summary>
    protected internal virtual OpenReplyFlags Flags => OpenReplyFlags.DirectIo;

    /// <summary>Length in bytes as this descriptor sees it, or null to ask the node.</summary>
    protected internal virtual ulong? Size => null;

    /// <summary>READ; 0 bytes are the end of the file.</summary>
    protected internal virtual Errno Read(Request request, ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        return Errno.EBADF;
    }

    /// <summary>WRITE. Never parked: the kernel holds the inode's lock meanwhile, and every other writer would wait with it.</summary>
    protected internal virtual Errno Write(Request request, ulong offset, ReadOnlySpan<byte> data, out int count)
    {
        count = 0;
        return Errno.EBADF;
    }

    /// <summary>ftruncate(2).</summary>
    protected internal virtual Errno Truncate(Request request, ulong size) => Errno.EINVAL;

    /// <summary>FLUSH: one a close(2), of duplicated descriptors too.</summary>
    protected internal virtual Errno Flush(Request request) => Errno.Ok;

    /// <summary>POLL; 0x145 is readable and writable without waiting (POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM).</summary>
    protected internal virtual uint Poll(Request request, ulong pollHandle, bool wakeup, uint wanted) => 0x145;

    /// <summary>RELEASE: the last descriptor is gone.</summary>
    protected internal virtual void Close(Request request) { }
}

using System.Runtime.InteropServices;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;
using static ClawFS.Fuse.Device.DeviceCalls;

namespace ClawFS.Fuse.Device;

/// <summary>
/// The descriptor of /dev/fuse of one mount. It is held open from construction to <see cref="Dispose"/>, so that the hot path passes
/// the bare number and threads do not meet at a shared reference count. Only dispatcher threads may use it: it outlives them.
/// Everybody else sends through <see cref="LateSink"/>.
/// </summary>
internal sealed unsafe class FuseDevice : ReplySink, IDisposable
{
    private readonly SafeHandle handle;
    private readonly int fd;
    private int disposed;

    internal FuseDevice(SafeHandle handle)
    {
        bool held = false;
        handle.DangerousAddRef(ref held);
        this.handle = handle;
        fd = (int)handle.DangerousGetHandle();
    }

    /// <summary>
    /// Waits for a request. ENODEV: unmounted; ECONNABORTED and anything else: the connection cannot go on. The answers that mean
    /// "try again" are handled here: ENOENT (the request was withdrawn), EINTR, and EAGAIN of a non-blocking descriptor.
    /// </summary>
    internal Errno Read(Span<byte> buffer, out int count)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                nint got = read(fd, p, (nuint)buffer.Length);
                if (got > 0)
                {
                    count = (int)got;
                    return Errno.Ok;
                }

                count = 0;
                Errno error = got == 0 ? Errno.ENODEV : (Errno)Marshal.GetLastPInvokeError();
                if (error == Errno.EAGAIN)
                {
                    PollDescriptor wait = new() { Fd = fd, Events = PollIn };
                    poll(&wait, 1, -1);
                }
                else if (error is not (Errno.ENOENT or Errno.EINTR))
                {
                    return error;
                }
            }
        }
    }

    internal override Errno Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* p = first)
        fixed (byte* q = second)
        {
            IoVector* parts = stackalloc IoVector[2];
            parts[0] = new IoVector { Base = p, Length = (nuint)first.Length };
            parts[1] = new IoVector { Base = q, Length = (nuint)second.Length };
            while (true)
            {
                nint sent = second.IsEmpty ? write(fd, p, (nuint)first.Length) : writev(fd, parts, 2);
                if (sent >= 0)
                    return Errno.Ok;

                Errno error = (Errno)Marshal.GetLastPInvokeError();
                if (error != Errno.EINTR)
                    return error;
            }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            handle.DangerousRelease();
        }
    }
}

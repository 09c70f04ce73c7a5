using Microsoft.Win32.SafeHandles;
using static ClawFS.Linux.ProcessCalls;

namespace ClawFS.Linux;

/// <summary>Another process that is not our child, held by a pidfd (Linux 5.3): its number cannot be reused behind our back.</summary>
public sealed unsafe class RunningProcess : IDisposable
{
    private readonly SafeFileHandle descriptor;

    private RunningProcess(int id, SafeFileHandle descriptor)
    {
        Id = id;
        this.descriptor = descriptor;
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Takes hold of a process; null when there is none with this number.</summary>
    /// <param name="id">The process id.</param>
    /// <exception cref="LinuxException">No descriptors are left.</exception>
    public static RunningProcess? TryOpen(int id)
    {
        nint result = id > 0 ? syscall(SYS_pidfd_open, id, 0, 0, 0) : -1;
        return result >= 0 ? new RunningProcess(id, new SafeFileHandle(result, ownsHandle: true))
            : id <= 0 || LinuxException.Last is Errno.ESRCH or Errno.EINVAL ? null
            : throw new LinuxException(LinuxException.Last, $"pidfd_open of {id}");
    }

    /// <summary>Waits for its end.</summary>
    /// <param name="limit">How long to wait at most; zero only asks.</param>
    /// <returns>Whether it has ended.</returns>
    public bool WaitForExit(TimeSpan limit)
    {
        using Borrowed borrowed = new(descriptor);
        long until = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            PollFd wait = new() { Descriptor = borrowed.Number, Events = POLLIN };
            long left = Math.Clamp(until - Environment.TickCount64, 0, int.MaxValue);
            int ready = poll(&wait, 1, (int)left);
            if (ready >= 0)
            {
                return ready > 0;
            }

            if (LinuxException.Last != Errno.EINTR)
            {
                throw new LinuxException(LinuxException.Last, $"poll for the end of {Id}");
            }
        }
    }

    /// <summary>Sends a signal.</summary>
    /// <param name="signal">The signal number.</param>
    /// <returns>False when it has ended or is not ours to signal.</returns>
    public bool Signal(int signal)
    {
        using Borrowed borrowed = new(descriptor);
        return syscall(SYS_pidfd_send_signal, borrowed.Number, signal, 0, 0) == 0;
    }

    /// <inheritdoc/>
    public void Dispose() => descriptor.Dispose();
}

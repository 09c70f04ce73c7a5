using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ClawFS.Linux;

/// <summary>A system call that waits for an answer.</summary>
/// <param name="Id">What the kernel calls it.</param>
/// <param name="ThreadId">The thread that makes it, as this process sees it; 0 where it cannot.</param>
/// <param name="Number">Its number.</param>
/// <param name="Architecture">AUDIT_ARCH_* of the number.</param>
/// <param name="Arguments">The six.</param>
public sealed record SupervisedCall(ulong Id, int ThreadId, int Number, uint Architecture, IReadOnlyList<ulong> Arguments);

/// <summary>
/// The listener of a seccomp filter (seccomp_unotify(2)): receives the calls for which the filter says so, and answers each. A call that is let pass is looked at
/// again by the kernel, and memory that it points at may have changed by then: letting one pass is no security decision about what its pointers say.
/// </summary>
/// <param name="descriptor">The listener; closed with this object. Closing it makes waiting calls fail with ENOSYS.</param>
public sealed unsafe partial class CallListener(SafeFileHandle descriptor) : IDisposable
{
    private const nuint Receive = 0xC0502100, Send = 0xC0182101, IsValid = 0x40082102;
    private const uint ContinueFlag = 1;
    private const short HungUp = 0x10;
    private const int MaxText = 4096;

    /// <summary>Waits for the next call.</summary>
    /// <returns>Null when no process is left under the filter.</returns>
    /// <exception cref="LinuxException">What ioctl(2) reports beside a caller that is gone.</exception>
    public SupervisedCall? Next()
    {
        using Borrowed borrowed = new(descriptor);
        while (true)
        {
            ProcessCalls.PollFd wait = new() { Descriptor = borrowed.Number, Events = ProcessCalls.POLLIN };
            if (ProcessCalls.poll(&wait, 1, -1) < 0)
            {
                if (LinuxException.Last != Errno.EINTR)
                {
                    throw LinuxException.FromLast("poll of a listener");
                }

                continue;
            }

            if ((wait.Ready & ProcessCalls.POLLIN) == 0 && (wait.Ready & HungUp) != 0)
            {
                return null;
            }

            Notification call = default; // The kernel wants it zeroed.
            if (ioctl(borrowed.Number, Receive, &call) == 0)
            {
                return new SupervisedCall(call.Id, (int)call.ThreadId, call.Number, call.Architecture, [call.A, call.B, call.C, call.D, call.E, call.F]);
            }

            // ENOENT: the caller was killed before it could be told.
            if (LinuxException.Last is not (Errno.ENOENT or Errno.EINTR))
            {
                throw LinuxException.FromLast("receive a call");
            }
        }
    }

    /// <summary>Whether the caller still waits: what was read from its memory or /proc before was its own, not that of a later process of the same number.</summary>
    public bool IsWaiting(SupervisedCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        using Borrowed borrowed = new(descriptor);
        ulong id = call.Id;
        return ioctl(borrowed.Number, IsValid, &id) == 0;
    }

    /// <summary>Lets the kernel make the call.</summary>
    /// <returns>False when the caller is gone.</returns>
    public bool Continue(SupervisedCall call) => Answer(call, 0, ContinueFlag);

    /// <summary>Makes the call fail.</summary>
    /// <param name="call">Which.</param>
    /// <param name="error">With what.</param>
    /// <returns>False when the caller is gone.</returns>
    public bool Refuse(SupervisedCall call, Errno error) => Answer(call, -(int)error, 0);

    /// <summary>A text that the caller's memory has, up to its zero byte. Check <see cref="IsWaiting"/> behind it.</summary>
    /// <param name="call">Who.</param>
    /// <param name="address">Where; 0 is no text.</param>
    /// <returns>Null when it cannot be read, has no end within 4096 bytes, or is not UTF-8.</returns>
    public static string? ReadText(SupervisedCall call, ulong address)
    {
        byte[] bytes = new byte[MaxText];
        int length = 0;
        while (address != 0 && length < MaxText)
        {
            // Not over the end of a page: the next one may not be there.
            int room = (int)Math.Min(512 - (address % 512), (ulong)(MaxText - length));
            int count = ReadMemory(call, address, bytes.AsSpan(length, room));
            if (count <= 0)
            {
                return null;
            }

            int end = bytes.AsSpan(length, count).IndexOf((byte)0);
            if (end >= 0)
            {
                ReadOnlySpan<byte> text = bytes.AsSpan(0, length + end);
                return System.Text.Unicode.Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : null;
            }

            length += count;
            address += (ulong)count;
        }

        return null;
    }

    /// <summary>Copies from the caller's memory.</summary>
    /// <returns>How many bytes came; -1 when none can be read.</returns>
    public static int ReadMemory(SupervisedCall call, ulong address, Span<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.ThreadId <= 0)
        {
            return -1;
        }

        fixed (byte* bytes = buffer)
        {
            SocketCalls.IoVec own = new() { Base = bytes, Length = (nuint)buffer.Length };
            SocketCalls.IoVec other = new() { Base = (void*)address, Length = (nuint)buffer.Length };
            return (int)process_vm_readv(call.ThreadId, &own, 1, &other, 1, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => descriptor.Dispose();

    private bool Answer(SupervisedCall call, int error, uint flags)
    {
        ArgumentNullException.ThrowIfNull(call);
        using Borrowed borrowed = new(descriptor);
        Response answer = new() { Id = call.Id, Error = error, Flags = flags };
        return ioctl(borrowed.Number, Send, &answer) == 0
            || (LinuxException.Last == Errno.ENOENT ? false : throw LinuxException.FromLast("answer a call"));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_readv(int process, SocketCalls.IoVec* own, nuint ownCount, SocketCalls.IoVec* other, nuint otherCount, nuint flags);

    /// <summary>struct seccomp_notif with its seccomp_data, 80 bytes.</summary>
    private struct Notification
    {
        internal ulong Id;
        internal uint ThreadId, Flags;
        internal int Number;
        internal uint Architecture;
        internal ulong Instruction, A, B, C, D, E, F;
    }

    /// <summary>struct seccomp_notif_resp.</summary>
    private struct Response
    {
        internal ulong Id;
        internal long Value;
        internal int Error;
        internal uint Flags;
    }
}

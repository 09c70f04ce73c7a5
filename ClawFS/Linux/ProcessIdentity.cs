using System.Buffers.Text;
using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>Who this process and its threads are, and who others are.</summary>
public static unsafe class ProcessIdentity
{
    /// <summary>TASK_COMM_LEN of the kernel less the NUL: the longest comm in bytes.</summary>
    public const int MaxComm = 15;

    /// <summary>Effective uid.</summary>
    public static uint Uid => geteuid();

    /// <summary>Effective gid.</summary>
    public static uint Gid => getegid();

    /// <summary>The kernel's id of the calling thread (gettid), which FUSE reports as the caller's pid.</summary>
    public static uint ThreadId => (uint)NativeCalls.gettid();

    /// <summary>
    /// Gives up root for good, on all threads: groups, then gid, then uid, each real, effective and saved. glibc's calls carry
    /// the change to every thread, those of the runtime included (nptl(7)); the raw system calls would not.
    /// </summary>
    /// <exception cref="LinuxException">EPERM without root. The process must then exit, since a part may have been done.</exception>
    public static void BecomeUser(uint uid, uint gid)
    {
        gid_t group = gid;
        if (setgroups(1, &group) != 0)
            throw LinuxException.FromLast("set groups");
        if (setresgid(gid, gid, gid) != 0)
            throw LinuxException.FromLast($"become gid {gid}");
        if (setresuid(uid, uid, uid) != 0)
            throw LinuxException.FromLast($"become uid {uid}");
        if (uid != 0 && setresuid(0, 0, 0) == 0)
            throw new LinuxException(Errno.EPERM, "give up root");
    }

    /// <summary>No program started from here gains privileges by setuid or file capabilities, ever (PR_SET_NO_NEW_PRIVS).</summary>
    public static void ForbidNewPrivileges()
    {
        if (NativeCalls.prctl(NativeCalls.PrSetNoNewPrivileges, 1, 0, 0, 0) != 0)
            throw LinuxException.FromLast("forbid new privileges");
    }

    /// <summary>The program name of a thread or process, from /proc/PID/comm, without allocating.</summary>
    /// <param name="pid">Process or thread id.</param>
    /// <param name="comm">Receives up to <see cref="MaxComm"/> bytes, which may be any but NUL.</param>
    /// <returns>The bytes written; 0 when there is no such process or /proc hides it.</returns>
    public static int CommOf(uint pid, Span<byte> comm)
    {
        Span<byte> path = stackalloc byte["/proc/4294967295/comm".Length + 1];
        "/proc/"u8.CopyTo(path);
        Utf8Formatter.TryFormat(pid, path[6..], out int digits);
        "/comm\0"u8.CopyTo(path[(6 + digits)..]);
        int fd;
        fixed (byte* bytes = path)
            fd = open(bytes, O_RDONLY | O_CLOEXEC, 0);
        if (fd < 0)
            return 0;
        Span<byte> text = stackalloc byte[MaxComm + 1];
        ssize_t count;
        fixed (byte* bytes = text)
            count = read(fd, bytes, text.Length);
        _ = close(fd);
        if (count <= 0)
            return 0;
        text = text[..(int)count];
        if (text[^1] == (byte)'\n')
            text = text[..^1];
        int length = Math.Min(text.Length, comm.Length);
        text[..length].CopyTo(comm);
        return length;
    }

    /// <summary>The program name as text; invalid UTF-8 is replaced, and "?" stands for a process that is gone.</summary>
    public static string CommOf(uint pid)
    {
        Span<byte> comm = stackalloc byte[MaxComm];
        int length = CommOf(pid, comm);
        return length > 0 ? Encoding.UTF8.GetString(comm[..length]) : "?";
    }
}

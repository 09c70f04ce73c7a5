using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>
/// A file that the kernel answers itself, as below /sys/fs/cgroup: one write(2) is one command, and its errno is the answer. The classes of .NET
/// are no use there: they cut files to length, lock them, and put off the write until the errno is lost.
/// </summary>
public sealed unsafe class ControlFile : IDisposable
{
    /// <summary>The longest text that is read, in bytes: a list of two million processes.</summary>
    public const int MaxLength = 16 << 20;

    private readonly FileDescriptor descriptor;
    private readonly string path;

    private ControlFile(FileDescriptor descriptor, string path)
    {
        this.descriptor = descriptor;
        this.path = path;
    }

    /// <summary>Opens a file to be read again and again, and to be waited for.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LinuxException">ENOENT, EACCES and what else open(2) says.</exception>
    public static ControlFile Open(string path) => new(Open(path, O_RDONLY), path);

    /// <summary>The whole text.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LinuxException">The kernel refuses, or the text is longer than <see cref="MaxLength"/> (EFBIG).</exception>
    public static string ReadAll(string path)
    {
        using ControlFile file = Open(path);
        return file.Read();
    }

    /// <summary>Gives one command in one write.</summary>
    /// <param name="path">The file, which must be there.</param>
    /// <param name="text">The command, without a newline.</param>
    /// <exception cref="LinuxException">What the kernel answers.</exception>
    public static void Write(string path, string text)
    {
        using FileDescriptor file = OpenForWriting(path);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        using Borrowed fd = new(file);
        fixed (byte* start = bytes)
        {
            while ((nint)write(fd.Number, start, bytes.Length) < 0)
            {
                if (LinuxException.Last != Errno.EINTR)
                    throw LinuxException.FromLast($"write '{text}' to {path}");
            }
        }
    }

    /// <summary>Opens a file for commands that somebody else will give, a child of this process for one. Close-on-exec.</summary>
    /// <param name="path">The file, which must be there.</param>
    /// <exception cref="LinuxException">ENOENT, EACCES and what else open(2) says.</exception>
    public static FileDescriptor OpenForWriting(string path) => Open(path, O_WRONLY);

    /// <summary>Whether this process may write, by its effective ids and the state of the mount; false where there is no such file.</summary>
    /// <param name="path">A file or folder.</param>
    public static bool MayWrite(string path) =>
        ControlCalls.faccessat(ControlCalls.AT_FDCWD, path, ControlCalls.W_OK, ControlCalls.AT_EACCESS) == 0;

    /// <summary>The text as it is now.</summary>
    /// <exception cref="LinuxException">The kernel refuses: ENODEV when the group behind the file is gone, EFBIG above <see cref="MaxLength"/>.</exception>
    public string Read()
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        using Borrowed fd = new(descriptor);
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length >= MaxLength)
                    throw new LinuxException(Errno.EFBIG, $"read {path}");
                Array.Resize(ref buffer, length * 4);
            }

            fixed (byte* start = buffer)
            {
                nint count = (nint)pread(fd.Number, start + length, buffer.Length - length, length);
                if (count == 0)
                    return Encoding.UTF8.GetString(buffer, 0, length);
                if (count > 0)
                    length += (int)count;
                else if (LinuxException.Last != Errno.EINTR)
                    throw LinuxException.FromLast($"read {path}");
            }
        }
    }

    /// <summary>Waits until the kernel tells of a change since the last <see cref="Read"/> (POLLPRI).</summary>
    /// <param name="limit">How long at most.</param>
    /// <returns>False when nothing was told in that time.</returns>
    /// <exception cref="LinuxException">poll(2) failed.</exception>
    public bool WaitForChange(TimeSpan limit)
    {
        using Borrowed fd = new(descriptor);
        ProcessCalls.PollFd wait = new() { Descriptor = fd.Number, Events = ControlCalls.POLLPRI };
        int ready = ProcessCalls.poll(&wait, 1, (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 0, int.MaxValue));
        // An interrupted wait is a change for the caller: it reads again and finds out.
        return ready > 0 || (ready < 0 && (LinuxException.Last == Errno.EINTR ? true : throw LinuxException.FromLast($"poll {path}")));
    }

    /// <inheritdoc/>
    public void Dispose() => descriptor.Dispose();

    private static FileDescriptor Open(string path, int flags)
    {
        int fd = ControlCalls.open(path, flags | O_CLOEXEC | O_NOFOLLOW);
        return fd >= 0 ? new FileDescriptor(fd) : throw LinuxException.FromLast($"open {path}");
    }
}

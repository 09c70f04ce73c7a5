using Microsoft.Win32.SafeHandles;
using System.Runtime.InteropServices;
using System.Text;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>An anonymous pipe, both ends close-on-exec: how secrets and reports go to a child without a name or an argument.</summary>
public sealed unsafe class Pipe : IDisposable
{
    private const int O_CLOEXEC = 0x80000;

    private bool taken;

    private Pipe(int reader, int writer)
    {
        Reader = new SafeFileHandle(reader, ownsHandle: true);
        Writer = new SafeFileHandle(writer, ownsHandle: true);
    }

    /// <summary>The end that reads.</summary>
    public SafeFileHandle Reader { get; }

    /// <summary>The end that writes; the reader sees the end when every copy of it is closed.</summary>
    public SafeFileHandle Writer { get; }

    /// <summary>Makes a pipe.</summary>
    /// <exception cref="LinuxException">No descriptors are left.</exception>
    public static Pipe Create()
    {
        int* ends = stackalloc int[2];
        return ProcessCalls.pipe2(ends, O_CLOEXEC) == 0
            ? new Pipe(ends[0], ends[1])
            : throw new LinuxException(LinuxException.Last, "pipe");
    }

    /// <summary>Gives the reading end away; <see cref="Dispose"/> then closes the other only.</summary>
    public SafeFileHandle TakeReader()
    {
        taken = true;
        return Reader;
    }

    /// <summary>Reads text until every writer has closed.</summary>
    /// <param name="maxBytes">More than this is dropped.</param>
    public string ReadToEnd(int maxBytes)
    {
        byte[] bytes = new byte[maxBytes];
        return Encoding.UTF8.GetString(bytes, 0, ReadToEnd(Reader, bytes));
    }

    /// <summary>Fills <paramref name="buffer"/> from a pipe or file until it is full or at the end.</summary>
    /// <param name="source">A descriptor to read from, at its own position.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <returns>How many bytes came.</returns>
    /// <exception cref="LinuxException">The read failed.</exception>
    public static int ReadToEnd(SafeHandle source, Span<byte> buffer)
    {
        using Borrowed borrowed = new(source);
        int length = 0;
        while (length < buffer.Length)
        {
            fixed (byte* bytes = buffer[length..])
            {
                nint count = (nint)read(borrowed.Number, bytes, buffer.Length - length);
                if (count == 0)
                {
                    break;
                }

                length += count > 0 ? (int)count : Retry("read");
            }
        }

        return length;
    }

    /// <summary>Writes all of <paramref name="data"/> to a pipe; waits while the pipe is full.</summary>
    /// <param name="target">A descriptor to write to.</param>
    /// <param name="data">The bytes.</param>
    /// <exception cref="LinuxException">EPIPE when nobody reads any more.</exception>
    public static void Write(SafeHandle target, ReadOnlySpan<byte> data)
    {
        using Borrowed borrowed = new(target);
        while (!data.IsEmpty)
        {
            fixed (byte* bytes = data)
            {
                nint count = (nint)write(borrowed.Number, bytes, data.Length);
                data = data[(count > 0 ? (int)count : Retry("write"))..];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!taken)
        {
            Reader.Dispose();
        }

        Writer.Dispose();
    }

    /// <summary>Zero bytes done when the call was only interrupted.</summary>
    private static int Retry(string call) =>
        LinuxException.Last == Errno.EINTR ? 0 : throw LinuxException.FromLast($"{call} on a pipe");
}

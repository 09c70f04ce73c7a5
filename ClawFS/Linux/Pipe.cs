using Microsoft.Win32.SafeHandles;
using System.Text;

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
    /// <param name="source">A descriptor to read from.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <returns>How many bytes came.</returns>
    public static int ReadToEnd(SafeFileHandle source, Span<byte> buffer)
    {
        int length = 0;
        while (length < buffer.Length && RandomAccess.Read(source, buffer[length..], fileOffset: length) is var count and > 0)
        {
            length += count;
        }

        return length;
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
}

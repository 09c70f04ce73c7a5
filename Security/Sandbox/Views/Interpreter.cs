using System.Buffers.Binary;
using System.Text;
using ClawFS.Linux;

namespace ClawOS.Security.Sandbox.Views;

/// <summary>The program that the kernel starts in another's place, without a call that would show it: the loader of an ELF file, or what stands behind #! (execve(2)).</summary>
internal static class Interpreter
{
    private const int ProgramInterpreter = 3, HeaderBytes = 64, EntryBytes = 56, MaxEntries = 64, MaxPath = 4096;

    /// <summary>The path as the file names it; null when it names none or cannot be read.</summary>
    internal static string? Of(string path)
    {
        try
        {
            using FileStream file = new(RegularFile.OpenRead(path), FileAccess.Read, bufferSize: 0); // A pipe would wait for a writer.
            Span<byte> head = stackalloc byte[256];
            int length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return head[..length].StartsWith("#!"u8) ? OfScript(head[2..length])
                : length >= HeaderBytes && head.StartsWith("\u007FELF\u0002\u0001"u8) ? OfElf(file, head)
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // The kernel would not start it either.
        }
    }

    private static string? OfScript(ReadOnlySpan<byte> line)
    {
        int end = line.IndexOf((byte)'\n');
        string text = Encoding.UTF8.GetString(end < 0 ? line : line[..end]).Trim();
        string program = text.Split((char[])[' ', '\t'], 2)[0];
        return program.StartsWith('/') ? program : null;
    }

    private static string? OfElf(FileStream file, ReadOnlySpan<byte> head)
    {
        long table = BinaryPrimitives.ReadInt64LittleEndian(head[32..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(head[54..]), count = BinaryPrimitives.ReadUInt16LittleEndian(head[56..]);
        Span<byte> entry = stackalloc byte[EntryBytes];
        for (int i = 0; i < Math.Min(count, MaxEntries) && size >= EntryBytes && table > 0; i++)
        {
            file.Position = table + (i * (long)size);
            if (file.ReadAtLeast(entry, EntryBytes, throwOnEndOfStream: false) < EntryBytes)
            {
                return null;
            }

            if (BinaryPrimitives.ReadInt32LittleEndian(entry) == ProgramInterpreter)
            {
                long length = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
                byte[] text = new byte[Math.Clamp(length, 0, MaxPath)];
                file.Position = Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
                string path = Encoding.UTF8.GetString(text, 0, file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)).TrimEnd('\0');
                return path.StartsWith('/') ? path : null;
            }
        }

        return null;
    }
}

using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>An open file that reads from bytes fixed at open, whatever happens to the node.</summary>
public sealed class PinnedFile(byte[] content) : OpenFile
{
    /// <inheritdoc/>
    protected internal override ulong? Size => (ulong)content.Length;

    /// <inheritdoc/>
    protected internal override Errno Read(Request request, ulong offset, Span<byte> buffer, out int count)
    {
        count = Copy(content, offset, buffer);
        return Errno.Ok;
    }

    /// <summary>Copies what lies at an offset; the number of bytes is 0 at and beyond the end.</summary>
    public static int Copy(ReadOnlySpan<byte> content, ulong offset, Span<byte> buffer)
    {
        if (offset >= (ulong)content.Length)
        {
            return 0;
        }
        ReadOnlySpan<byte> rest = content[(int)offset..];
        int count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count;
    }
}

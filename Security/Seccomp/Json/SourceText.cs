using System.Text;

namespace ClawOS.Security.Seccomp.Json;

/// <summary>A profile's text as bytes, and where a byte stands for people.</summary>
internal sealed class SourceText(string text, string name)
{
    internal string Name => name;

    internal byte[] Bytes { get; } = Encoding.UTF8.GetBytes(text);

    /// <summary>An error at some bytes.</summary>
    internal ProfileError Error(int start, int length, string message, string? suggestion = null)
    {
        ReadOnlySpan<byte> before = Bytes.AsSpan(0, Math.Min(start, Bytes.Length));
        ReadOnlySpan<byte> line = before[(before.LastIndexOf((byte)'\n') + 1)..];
        ReadOnlySpan<byte> marked = Bytes.AsSpan(before.Length, Math.Min(length, Bytes.Length - before.Length));
        int end = marked.IndexOf((byte)'\n');
        return new(name, before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(line) + 1, Math.Max(1, Encoding.UTF8.GetCharCount(end < 0 ? marked : marked[..end])), message, suggestion);
    }

    /// <summary>Where a line begins.</summary>
    /// <param name="line">From 0.</param>
    internal int StartOf(long line)
    {
        int start = 0;
        for (; line > 0; line--)
        {
            start += Bytes.AsSpan(start).IndexOf((byte)'\n') + 1;
        }

        return start;
    }
}

using System.Text;

namespace ClawFS.Search.Text;

/// <summary>Markdown and plain text: headings with # (Markdown) or with a line of one repeated sign below.</summary>
/// <param name="markdown">True for Markdown.</param>
internal sealed class ProsePieces(bool markdown) : LinePieces
{
    private const int LongestTitle = 120;
    private const int LongestUnderline = 200;

    private byte _fence;
    private bool _frontMatter;
    private bool _begun;

    private protected override bool Describe(ReadOnlySpan<byte> line, ReadOnlySpan<byte> next, bool last, ref BreakBefore before, out int level, out string? title)
    {
        (level, title) = (0, null);
        ReadOnlySpan<byte> text = line.Trim(" \t"u8);
        if (markdown && SkipsBlock(text))
            return true;
        if (markdown && Hashes(text) is > 0 and var hashes)
        {
            level = hashes;
            title = Title(text[hashes..].TrimEnd((byte)'#'));
        }
        else if (text.Length is > 0 and <= LongestTitle && Underline(text) == 0 && before == BreakBefore.Paragraph)
        {
            int end = next[..Math.Min(next.Length, LongestUnderline)].IndexOf((byte)'\n');
            if (end < 0 && next.Length < LongestUnderline && !last)
                return false;
            ReadOnlySpan<byte> below = (end < 0 ? next[..Math.Min(next.Length, LongestUnderline)] : next[..end]).TrimEnd(" \t\r"u8);
            level = Underline(below);
            if (markdown ? level > 2 : below.Length * 4 < text.Length * 3)
                level = 0;
            title = level > 0 ? Title(text) : null;
        }

        if (level > 0)
            before = BreakBefore.Heading;
        _begun = true;
        return true;
    }

    /// <summary>Follows code fences and front matter, in which a # is no heading.</summary>
    private bool SkipsBlock(ReadOnlySpan<byte> text)
    {
        if (!_begun && text.SequenceEqual("---"u8))
        {
            _begun = _frontMatter = true;
            return true;
        }

        if (_frontMatter)
        {
            _frontMatter = !text.SequenceEqual("---"u8);
            return true;
        }

        byte fence = text.StartsWith("```"u8) ? (byte)'`' : text.StartsWith("~~~"u8) ? (byte)'~' : (byte)0;
        if (_fence == 0 && fence != 0)
        {
            _fence = fence;
            return true;
        }

        if (_fence == 0)
            return false;
        if (fence == _fence && text.IndexOfAnyExcept(fence) < 0)
            _fence = 0;
        return true;
    }

    private static int Hashes(ReadOnlySpan<byte> text)
    {
        int count = text.IndexOfAnyExcept((byte)'#');
        return count is > 0 and <= 6 && text[count] is (byte)' ' or (byte)'\t' ? count : 0;
    }

    /// <summary>The level that a line of one sign makes of the line above, or 0.</summary>
    private static int Underline(ReadOnlySpan<byte> line)
    {
        if (line.Length < 3 || line.IndexOfAnyExcept(line[0]) >= 0)
            return 0;
        return line[0] switch
        {
            (byte)'=' => 1,
            (byte)'-' => 2,
            (byte)'~' or (byte)'^' or (byte)'*' => 3,
            _ => 0,
        };
    }

    private static string Title(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text.Trim(" \t*"u8)[..Math.Min(text.Trim(" \t*"u8).Length, LongestTitle)]);
}

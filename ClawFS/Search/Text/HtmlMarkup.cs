using System.Text;

namespace ClawFS.Search.Text;

/// <summary>Walks over what is not text in HTML. Forgiving: a tag that never closes ends with the text that is given.</summary>
internal static class HtmlMarkup
{
    /// <summary>Skips markup from <paramref name="at"/> on until the next byte of text.</summary>
    /// <param name="html">The text.</param>
    /// <param name="at">The position; stands at text, or at the end, afterwards.</param>
    /// <param name="state">What <paramref name="at"/> stands in, before and after.</param>
    internal static void Skip(ReadOnlySpan<byte> html, ref int at, ref MarkupState state)
    {
        while (at < html.Length && (state != MarkupState.Text || html[at] == '<'))
        {
            int before = at;
            SkipOne(html, ref at, ref state);
            if (at == before)
                return;
        }
    }

    /// <summary>Skips one tag, comment or element without text; nothing when there is none.</summary>
    internal static void SkipOne(ReadOnlySpan<byte> html, ref int at, ref MarkupState state)
    {
        if (state == MarkupState.Text && html[at] == '<')
            state = Enter(html[at..]);
        switch (state)
        {
            case MarkupState.Text:
                break;
            case MarkupState.Tag:
                SkipTag(html, ref at, ref state);
                break;
            case MarkupState.Comment:
                SkipPast(html, ref at, ref state, "-->"u8);
                break;
            case MarkupState.Script:
                SkipElement(html, ref at, ref state, "</script"u8);
                break;
            default:
                SkipElement(html, ref at, ref state, "</style"u8);
                break;
        }
    }

    /// <summary>True when the text begins with this tag, its name ended.</summary>
    internal static bool IsTag(ReadOnlySpan<byte> html, ReadOnlySpan<byte> lowerName) =>
        html.Length >= lowerName.Length
        && Ascii.EqualsIgnoreCase(html[..lowerName.Length], lowerName)
        && (html.Length == lowerName.Length || !char.IsAsciiLetterOrDigit((char)html[lowerName.Length]));

    /// <summary>The state that an opening bracket begins; <see cref="MarkupState.Text"/> when it opens nothing ("a &lt; b").</summary>
    private static MarkupState Enter(ReadOnlySpan<byte> html)
    {
        if (html.StartsWith("<!--"u8))
            return MarkupState.Comment;
        if (IsTag(html, "<script"u8))
            return MarkupState.Script;
        if (IsTag(html, "<style"u8))
            return MarkupState.Style;
        return html.Length > 1 && (char.IsAsciiLetter((char)html[1]) || html[1] is (byte)'/' or (byte)'!' or (byte)'?') ? MarkupState.Tag : MarkupState.Text;
    }

    private static void SkipTag(ReadOnlySpan<byte> html, ref int at, ref MarkupState state)
    {
        int end = html[at..].IndexOf((byte)'>');
        at = end < 0 ? html.Length : at + end + 1;
        state = end < 0 ? MarkupState.Tag : MarkupState.Text;
    }

    private static void SkipPast(ReadOnlySpan<byte> html, ref int at, ref MarkupState state, ReadOnlySpan<byte> mark)
    {
        int end = html[at..].IndexOf(mark);
        at = end < 0 ? html.Length : at + end + mark.Length;
        state = end < 0 ? state : MarkupState.Text;
    }

    /// <summary>Goes to the closing tag of an element that holds no text; the closing tag itself is then skipped as a tag.</summary>
    private static void SkipElement(ReadOnlySpan<byte> html, ref int at, ref MarkupState state, ReadOnlySpan<byte> closing)
    {
        for (int from = at; ;)
        {
            int next = html[from..].IndexOf("</"u8);
            if (next < 0)
            {
                at = html.Length;
                return;
            }

            from += next;
            if (IsTag(html[from..], closing))
            {
                at = from;
                state = MarkupState.Tag;
                return;
            }

            from += 2;
        }
    }
}

using System.Text;

namespace ClawFS.Search.Text;

/// <summary>HTML: a piece is markup and the text behind it, up to the next tag.</summary>
internal sealed class HtmlPieces : PieceScanner
{
    private const int MaxMarkup = 4096;
    private const int LongestHeading = 512;

    // What tells a tag from text, and the longest mark whose halves would be misread ("</script").
    private const int TagMark = 12;

    private static readonly string[] Blocks = ["<p", "<div", "<li", "<tr", "<section", "<article", "<dt", "<pre", "<table", "<ul", "<ol", "<blockquote"];

    private MarkupState _state;

    /// <inheritdoc/>
    internal override bool Next(ReadOnlySpan<byte> rest, bool last, out Piece piece)
    {
        piece = default;
        if (!last && rest.Length < TagMark)
            return false;
        (int level, string? title, BreakBefore before) = (0, null, BreakBefore.Line);
        if (_state == MarkupState.Text && rest[0] == '<')
        {
            level = HeadingLevel(rest);
            if (level > 0 && !TryTitle(rest, last, out title))
                return false;
            before = level > 0 ? BreakBefore.Heading : IsBlock(rest) ? BreakBefore.Paragraph : BreakBefore.Line;
        }

        int at = 0;
        MarkupState state = _state;
        ReadOnlySpan<byte> window = rest[..Math.Min(rest.Length, MaxMarkup)];
        do
        {
            int from = at;
            HtmlMarkup.SkipOne(window, ref at, ref state);
            if (at == from)
                break;
            if (!last && at + TagMark > rest.Length)
                return false;
            if (at == window.Length)
                return EmitMarkup(window, rest.Length == window.Length, before, level, title, out piece);
            if (state == MarkupState.Text && (HeadingLevel(rest[at..]) > 0 || IsBlock(rest[at..])))
                return Emit(at, state, 0, before, level, title, out piece);
        }
        while (state != MarkupState.Text || rest[at] == '<');

        int open = rest[(at + 1)..Math.Min(rest.Length, at + 1 + PieceCut.MaxBytes)].IndexOf((byte)'<');
        if (open < 0 && !last && rest.Length - at <= PieceCut.MaxBytes)
            return false;
        int end = open >= 0 ? at + 1 + open : rest.Length - at > PieceCut.MaxBytes ? at + PieceCut.Find(rest[at..]) : rest.Length;
        return Emit(end, MarkupState.Text, PieceCut.HalfWords(rest[at..end]), before, level, title, out piece);
    }

    /// <summary>A piece that is all markup: to the end of the file, or to a place in a long run of it where no mark is cut.</summary>
    private bool EmitMarkup(ReadOnlySpan<byte> window, bool whole, BreakBefore before, int level, string? title, out Piece piece)
    {
        int length = whole ? window.Length : MarkupEnd(window), at = 0;
        MarkupState state = _state;
        HtmlMarkup.Skip(window[..length], ref at, ref state);
        return Emit(length, state, 0, before, level, title, out piece);
    }

    private bool Emit(int length, MarkupState after, int halfWords, BreakBefore before, int level, string? title, out Piece piece)
    {
        piece = new Piece(length, halfWords, before, title is null ? 0 : level, title, _state);
        _state = after;
        return true;
    }

    /// <summary>A window that is all markup ends before a mark that it may cut.</summary>
    private static int MarkupEnd(ReadOnlySpan<byte> window)
    {
        ReadOnlySpan<byte> end = window[^TagMark..];
        int mark = end.LastIndexOfAny("<-"u8);
        while (mark > 0 && end[mark - 1] == '-')
            mark--;
        return mark < 0 ? window.Length : window.Length - TagMark + mark;
    }

    private static int HeadingLevel(ReadOnlySpan<byte> html) =>
        html.Length > 3 && (html[1] | 0x20) == 'h' && html[2] is >= (byte)'1' and <= (byte)'6' && html[3] is (byte)'>' or (byte)' ' or (byte)'\n' ? html[2] - '0' : 0;

    private static bool IsBlock(ReadOnlySpan<byte> html)
    {
        Span<byte> name = stackalloc byte[16];
        foreach (string block in Blocks)
        {
            if (HtmlMarkup.IsTag(html, name[..Encoding.ASCII.GetBytes(block, name)]))
                return true;
        }

        return false;
    }

    /// <summary>The text up to the closing tag, nothing when it does not come soon; false when more is needed to tell.</summary>
    private static bool TryTitle(ReadOnlySpan<byte> html, bool last, out string? title)
    {
        title = null;
        ReadOnlySpan<byte> window = html[..Math.Min(html.Length, LongestHeading)];
        int end = window.IndexOf("</h"u8);
        if (end < 0)
            end = window.IndexOf("</H"u8);
        if (end < 0)
            return last || html.Length >= LongestHeading;
        StringBuilder text = new();
        MarkupState state = MarkupState.Text;
        for (int at = 0; at < end;)
        {
            HtmlMarkup.Skip(window[..end], ref at, ref state);
            if (at >= end)
                break;
            int stop = window[(at + 1)..end].IndexOf((byte)'<');
            stop = stop < 0 ? end : at + 1 + stop;
            text.Append(Encoding.UTF8.GetString(window[at..stop]));
            at = stop;
        }

        title = string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return true;
    }
}

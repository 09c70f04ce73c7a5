using System.Collections.Frozen;

namespace ClawFS.Search.Text;

/// <summary>Says what kind of text a file is from its name and its first bytes.</summary>
internal static class TextDetection
{
    /// <summary>As many first bytes as are worth giving.</summary>
    internal const int HeadBytes = 8192;

    private static readonly FrozenDictionary<string, TextKind> Extensions = Table().ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <param name="fileName">The last part of the path; only what follows the last dot matters.</param>
    /// <param name="head">The first bytes of the file, best <see cref="HeadBytes"/> of them; an empty file is empty text.</param>
    /// <returns>The kind and an empty reason; or <see cref="TextKind.None"/> and one word or two that say why not.</returns>
    internal static (TextKind Kind, string Reason) Detect(string fileName, ReadOnlySpan<byte> head)
    {
        if (Refusal(head) is { } reason)
            return (TextKind.None, reason);
        int dot = fileName.LastIndexOf('.');
        if (dot >= 0 && Extensions.TryGetValue(fileName[(dot + 1)..], out TextKind kind))
            return (kind, "");
        ReadOnlySpan<byte> start = head.TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8);
        if (StartsWith(start, "<!doctype html"u8) || StartsWith(start, "<html"u8) || StartsWith(start, "<?xml"u8))
            return (TextKind.Html, "");
        return (start.StartsWith("#!"u8) ? TextKind.Code : TextKind.Plain, "");
    }

    private static string? Refusal(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("%PDF-"u8))
            return "pdf";
        if (head.StartsWith("%!PS"u8))
            return "postscript";
        if (head.StartsWith("{\\rtf"u8))
            return "rtf";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return "utf-16";
        if (head.StartsWith("PK\x03\x04"u8) || head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return "archive";
        return head.Contains((byte)0) || MostlyControl(head) ? "binary" : null;
    }

    /// <summary>More than a tenth control characters that no text uses (escape, form feed and backspace are used by logs and manual pages).</summary>
    private static bool MostlyControl(ReadOnlySpan<byte> head)
    {
        int count = 0;
        foreach (byte value in head)
            count += value < 0x20 && value is not (0x08 or 0x09 or 0x0A or 0x0C or 0x0D or 0x1B) ? 1 : 0;
        return count * 10 > head.Length;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) =>
        text.Length >= lower.Length && System.Text.Ascii.EqualsIgnoreCase(text[..lower.Length], lower);

    private static Dictionary<string, TextKind> Table()
    {
        Dictionary<string, TextKind> table = [];
        Add(TextKind.Markdown, "md markdown mdown mkd mdx");
        Add(TextKind.Plain, "txt text log rst adoc org tex eml mbox");
        Add(TextKind.Html, "html htm xhtml xml svg rss atom");
        Add(TextKind.Json, "json jsonl ndjson geojson ipynb webmanifest");
        Add(TextKind.Csv, "csv tsv psv");
        Add(TextKind.Code, "c h cc cpp cxx hh hpp hxx cs fs fsx vb java kt kts scala groovy go rs swift m mm d zig nim js mjs cjs jsx ts tsx vue svelte py pyi rb pl pm php lua r jl ex exs erl hrl "
            + "clj cljs ml mli hs elm sh bash zsh fish ps1 bat cmd awk sql proto thrift graphql tf css scss sass less toml yaml yml ini cfg conf properties env mk cmake make dockerfile gradle "
            + "diff patch asm s v sv vhd el lisp scm rkt tcl dart wit csproj props targets sln editorconfig service timer socket");
        return table;

        void Add(TextKind kind, string extensions)
        {
            foreach (string extension in extensions.Split(' '))
                table.Add(extension, kind);
        }
    }
}

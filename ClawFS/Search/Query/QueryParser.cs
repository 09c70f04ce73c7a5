using System.Globalization;
using System.Text;

namespace ClawFS.Search.Query;

/// <summary>
/// Words as people type them: <c>rotate "api keys" -draft path:projects/x type:md tag:work after:2026-01-01 before:2026-06</c>. Nothing is an error: what looks like a
/// filter and is none (an unknown word before the colon, a date that is none) is a word.
/// </summary>
internal static class QueryParser
{
    /// <summary>Bytes of a query that are looked at; the rest is cut off.</summary>
    public const int MaxLength = 128 * 1024;

    /// <summary>Takes a query apart.</summary>
    public static SearchQuery Parse(string text)
    {
        Parts parts = new();
        ReadOnlySpan<char> rest = text.AsSpan(0, Math.Min(text.Length, MaxLength));
        while (TryNext(ref rest, out Token token))
        {
            parts.Add(token);
        }
        return parts.ToQuery();
    }

    private static bool TryNext(ref ReadOnlySpan<char> rest, out Token token)
    {
        rest = rest.TrimStart();
        token = default;
        if (rest.IsEmpty)
        {
            return false;
        }
        bool minus = rest.Length > 1 && rest[0] == '-' && !char.IsWhiteSpace(rest[1]);
        if (minus)
        {
            rest = rest[1..];
        }
        int colon = KeyLength(rest);
        string key = colon > 0 ? rest[..colon].ToString() : "";
        ReadOnlySpan<char> value = colon > 0 ? rest[(colon + 1)..] : rest;
        bool quoted = value.Length > 0 && value[0] == '"';
        int end = quoted ? value[1..].IndexOf('"') : EndOfWord(value);
        int length = end < 0 ? value.Length - (quoted ? 1 : 0) : end;
        token = new(key, value.Slice(quoted ? 1 : 0, length).ToString(), quoted, minus);
        int taken = length + (quoted ? (end < 0 ? 1 : 2) : 0);
        rest = value[taken..];
        return true;
    }

    private static int EndOfWord(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                return i;
            }
        }
        return text.Length;
    }

    /// <summary>Length of the filter's name when one stands here, else 0.</summary>
    private static int KeyLength(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(':');
        return colon > 0 && text[..colon] is "path" or "type" or "tag" or "after" or "before" ? colon : 0;
    }

    private static bool TryDate(string text, out DateTimeOffset date) => DateTimeOffset.TryParseExact(
        text,
        ["yyyy-MM-dd", "yyyy-MM", "yyyy", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ssK"],
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal,
        out date);

    private readonly record struct Token(string Key, string Value, bool Quoted, bool Minus);

    private sealed class Parts
    {
        private readonly StringBuilder words = new();
        private readonly List<string> phrases = [], excluded = [], paths = [], types = [], tags = [];
        private DateTimeOffset? after, before;

        public void Add(Token token)
        {
            if (token.Value.Length == 0)
            {
                return;
            }
            if (!token.Minus && TryFilter(token))
            {
                return;
            }
            string value = token.Key.Length == 0 ? token.Value : $"{token.Key}:{token.Value}";
            if (token.Minus)
            {
                excluded.Add(value);
                return;
            }
            words.Append(words.Length == 0 ? "" : " ").Append(value);
            if (token.Quoted)
            {
                phrases.Add(value);
            }
        }

        public SearchQuery ToQuery() => new()
        {
            Text = words.ToString(),
            Phrases = phrases,
            Excluded = excluded,
            Paths = paths,
            Types = types,
            Tags = tags,
            After = after,
            Before = before,
        };

        private bool TryFilter(Token token)
        {
            switch (token.Key)
            {
                case "path":
                    string path = token.Value.Trim('/');
                    paths.Add(path.StartsWith("memory/", StringComparison.Ordinal) ? path["memory/".Length..] : path == "memory" ? "" : path);
                    return true;
                case "type":
                    types.Add(token.Value.TrimStart('.').ToLowerInvariant());
                    return true;
                case "tag":
                    tags.Add(token.Value);
                    return true;
                case "after" when TryDate(token.Value, out DateTimeOffset from):
                    after = after > from ? after : from;
                    return true;
                case "before" when TryDate(token.Value, out DateTimeOffset to):
                    before = before < to ? before : to;
                    return true;
                default:
                    return false;
            }
        }
    }
}

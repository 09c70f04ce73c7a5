using System.Globalization;
using System.Text;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;

namespace ClawOS.Security.Guard;

/// <summary>
/// What is shown to who is asked, as lines of TOML. Its texts come from whoever asks: nothing in them can begin another line, move a cursor, hide or reverse what is
/// beside it, or stand for nothing; two lists that differ are shown differently.
/// </summary>
internal static class ApprovalCard
{
    /// <summary>Bytes of a card. What is too long to be read is not asked.</summary>
    internal const int Most = 16 * 1024;

    private const int MostFields = 32, MostName = 16;
    private static readonly string[] Own = ["id", "asked_by", "created", "expires"];

    /// <exception cref="SandboxRefusedException">It is too long, or a line has no proper name.</exception>
    internal static string Render(IReadOnlyList<CardField> fields, string askedBy, DateTimeOffset expires)
    {
        StringBuilder text = new();
        if (fields.Count > MostFields || fields.Select(static field => field.Name).Distinct(StringComparer.Ordinal).Count() < fields.Count)
        {
            throw new SandboxRefusedException("what is asked has too many lines, or one twice");
        }

        foreach (CardField field in fields)
        {
            if (!IsName(field.Name) || Own.Contains(field.Name) || field.Text is null == field.List is null)
            {
                throw new SandboxRefusedException("what is asked has a line of no such kind");
            }

            _ = text.Append(Line(field));
            if (text.Length > Most)
            {
                break;
            }
        }

        _ = text.Append("asked_by = ").Append(Quoted(askedBy)).Append('\n')
            .Append("expires = ").Append(expires.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)).Append('\n');
        return Encoding.UTF8.GetByteCount(text.ToString()) <= Most ? text.ToString()
            : throw new SandboxRefusedException($"what is asked is too long to be read: more than {Most} bytes");
    }

    /// <summary>One line, ended by a line feed. Lines that are equal say the same.</summary>
    internal static string Line(CardField field) => $"{field.Name} = {(field.List is { } list ? $"[{string.Join(", ", list.Select(Quoted))}]" : Quoted(field.Text!))}\n";

    /// <summary>A text in quotes, on one line, as TOML and people read it.</summary>
    internal static string Quoted(string text)
    {
        StringBuilder quoted = new("\"");
        Rune before = default;
        foreach (Rune rune in text.EnumerateRunes())
        {
            // A second space in a row could push what follows to where a line seems to begin.
            bool isPlain = CardLetters.IsPlain(rune) && !(rune.Value == ' ' && before.Value == ' ');
            _ = rune.Value switch
            {
                '"' or '\\' => quoted.Append('\\').Append((char)rune.Value),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                _ when isPlain => quoted.Append(rune.ToString()),
                <= 0xFFFF => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"),
            };
            before = rune;
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsName(string name) => name.Length is > 0 and <= MostName && name.All(static letter => letter is (>= 'a' and <= 'z') or '_' or (>= '0' and <= '9'));
}

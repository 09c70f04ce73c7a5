using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ClawFS.Store;

namespace ClawOS.Cli.Stores;

/// <summary>How `fs ls` shows a name.</summary>
internal static class StoreListing
{
    internal static string ToLine(StoreEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{TypeLetter(entry.Attr.Mode)}{Permissions(entry.Attr.Mode)} {entry.Attr.Uid,6} {entry.Attr.Gid,6} {entry.Attr.Size,12} {Time(entry):yyyy-MM-dd HH:mm} {OnOneLine(entry.Name)}");

    internal static JsonNode ToJson(StoreEntry entry) => new JsonObject
    {
        ["name"] = entry.Name,
        ["type"] = TypeLetter(entry.Attr.Mode) switch { 'd' => "folder", 'l' => "link", '-' => "file", _ => "special" },
        ["size"] = entry.Attr.Size,
        ["mode"] = Convert.ToString(entry.Attr.Mode & 0xFFF, toBase: 8),
        ["uid"] = entry.Attr.Uid,
        ["gid"] = entry.Attr.Gid,
        ["mtime"] = Time(entry).ToString("O"),
    };

    private static DateTimeOffset Time(StoreEntry entry) => DateTimeOffset.FromUnixTimeSeconds(entry.Attr.Mtime.Seconds);

    /// <summary>The name with control characters as \xNN, which `fs cat` understands: a name must not add lines or move the cursor.</summary>
    private static string OnOneLine(string name) => !name.Any(char.IsControl)
        ? name
        : string.Concat(name.Select(letter => char.IsControl(letter)
            ? string.Concat(Encoding.UTF8.GetBytes([letter]).Select(value => string.Create(CultureInfo.InvariantCulture, $"\\x{value:x2}")))
            : letter.ToString()));

    // S_IFMT of stat(2), shifted down.
    private static char TypeLetter(uint mode) => (mode >> 12) switch
    {
        4 => 'd',
        10 => 'l',
        8 => '-',
        1 => 'p',
        12 => 's',
        2 => 'c',
        6 => 'b',
        _ => '?',
    };

    private static string Permissions(uint mode) =>
        string.Create(9, mode, static (text, bits) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = (bits >> (8 - i) & 1) != 0 ? "rwxrwxrwx"[i] : '-';
            }
        });
}

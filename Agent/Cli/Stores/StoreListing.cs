using System.Globalization;
using System.Text.Json.Nodes;
using ClawFS.Store;

namespace ClawOS.Cli.Stores;

/// <summary>How `fs ls` shows a name.</summary>
internal static class StoreListing
{
    internal static string ToLine(StoreEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{TypeLetter(entry.Attr.Mode)}{Permissions(entry.Attr.Mode)} {entry.Attr.Uid,6} {entry.Attr.Gid,6} {entry.Attr.Size,12} {Time(entry):yyyy-MM-dd HH:mm} {entry.Name}");

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

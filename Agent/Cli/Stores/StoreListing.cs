using System.Globalization;
using System.Text.Json.Nodes;

namespace ClawOS.Cli.Stores;

/// <summary>How `fs ls` shows a name.</summary>
internal static class StoreListing
{
    internal static string ToLine(StoredName name) => string.Create(
        CultureInfo.InvariantCulture,
        $"{TypeLetter(name.Attr.Mode)}{Permissions(name.Attr.Mode)} {name.Attr.Uid,6} {name.Attr.Gid,6} {name.Attr.Size,12} {Time(name):yyyy-MM-dd HH:mm} {name.Name}");

    internal static JsonNode ToJson(StoredName name) => new JsonObject
    {
        ["name"] = name.Name,
        ["type"] = TypeLetter(name.Attr.Mode) switch { 'd' => "folder", 'l' => "link", '-' => "file", _ => "special" },
        ["size"] = name.Attr.Size,
        ["mode"] = Convert.ToString(name.Attr.Mode & 0xFFF, toBase: 8),
        ["uid"] = name.Attr.Uid,
        ["gid"] = name.Attr.Gid,
        ["mtime"] = Time(name).ToString("O"),
    };

    private static DateTimeOffset Time(StoredName name) => DateTimeOffset.FromUnixTimeSeconds(name.Attr.Mtime.Seconds);

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

using System.Text;
using System.Text.Unicode;

namespace ClawFS.Search.Saved;

/// <summary>Names that people give and events carry.</summary>
internal static class Utf8Name
{
    /// <summary>Whether the bytes are UTF-8 without control characters, and no dot-name.</summary>
    public static bool TryRead(ReadOnlySpan<byte> name, out string text)
    {
        bool isText = Utf8.IsValid(name);
        text = isText ? Encoding.UTF8.GetString(name) : "";
        return text.Length > 0 && text[0] != '.' && !text.Any(char.IsControl);
    }
}

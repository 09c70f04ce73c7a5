using System.Globalization;
using System.Text;

namespace ClawFS.Store;

/// <summary>
/// Names of a store as text. A name is bytes; what is not UTF-8 in it is written as \xNN, and a path may use that notation to reach it. A name that
/// holds such a text literally is found first.
/// </summary>
public static class StoreName
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The name as text.</summary>
    public static string ToText(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(name, out Rune rune, out int used) == System.Buffers.OperationStatus.Done;
            if (valid)
            {
                text.Append(rune);
            }
            else
            {
                used = 1;
                text.Append(CultureInfo.InvariantCulture, $"\\x{name[0]:x2}");
            }
            name = name[used..];
        }
        return text.ToString();
    }

    /// <summary>The bytes of a text; null if they make no name (empty, ".", "..", '/', NUL, more than 255 bytes, no Unicode).</summary>
    public static byte[]? ToBytes(string text) => Accept(Encode(text));

    /// <summary>The bytes of a text with its \xNN taken as bytes; null if there is none or they make no name.</summary>
    public static byte[]? Unescape(string text)
    {
        var bytes = new List<byte>();
        bool escaped = false;
        while (text.Length > 0)
        {
            if (text.Length >= 4 && text.StartsWith("\\x", StringComparison.Ordinal)
                && byte.TryParse(text.AsSpan(2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                bytes.Add(value);
                escaped = true;
                text = text[4..];
                continue;
            }
            int next = text.IndexOf('\\', 1);
            string plain = next < 0 ? text : text[..next];
            if (Encode(plain) is not { } encoded)
            {
                return null;
            }
            bytes.AddRange(encoded);
            text = text[plain.Length..];
        }
        return escaped ? Accept([.. bytes]) : null;
    }

    private static byte[]? Encode(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    private static byte[]? Accept(byte[]? name) =>
        name is null || name.Length is 0 or > Vfs.Vfs.MaxName || name.AsSpan().IndexOfAny((byte)'/', (byte)0) >= 0
            || name.AsSpan().SequenceEqual("."u8) || name.AsSpan().SequenceEqual(".."u8)
            ? null
            : name;
}

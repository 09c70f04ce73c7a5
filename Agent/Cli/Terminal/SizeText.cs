using System.Globalization;

namespace ClawOS.Cli.Terminal;

/// <summary>Sizes as people write them: 512K, 20M, 3G, 1T are powers of 1024.</summary>
internal static class SizeText
{
    private const string Units = "KMGT";

    /// <summary>Reads a size; null when it is none.</summary>
    internal static ulong? Parse(string text)
    {
        int unit = text.Length > 1 ? Units.IndexOf(char.ToUpperInvariant(text[^1])) + 1 : 0;
        string digits = unit > 0 ? text[..^1] : text;
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) && value <= ulong.MaxValue >> (10 * unit)
            ? value << (10 * unit)
            : null;
    }

    /// <summary>Writes a size with one decimal at most.</summary>
    internal static string Format(ulong bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < Units.Length)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit - 1]}iB");
    }
}

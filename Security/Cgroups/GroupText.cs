using System.Globalization;

namespace ClawOS.Security.Cgroups;

/// <summary>
/// The forms of text that control-group files have (cgroup-v2.rst, "Interface Files"). Numbers are decimal, unsigned and fit 63 bits; the kernel's
/// greater ones ("no limit" of version 1 on some architectures) are taken as the greatest. All else is a <see cref="FormatException"/> that shows the start of the text.
/// </summary>
internal static class GroupText
{
    /// <summary>A file of one number.</summary>
    internal static long Number(string text) => Number(text.AsSpan().TrimEnd('\n'), text);

    /// <summary>The number behind a key in a file of "KEY NUMBER" lines; null when the key is missing, as it is on older kernels.</summary>
    internal static long? Field(string text, string key)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > key.Length && line[key.Length] == ' ' && line.StartsWith(key, StringComparison.Ordinal))
                return Number(line[(key.Length + 1)..], text);
        }

        return null;
    }

    /// <summary>Process ids, one a line. 0 stands for a process of another pid namespace, which cannot be named here.</summary>
    internal static IReadOnlyList<int> Processes(string text)
    {
        List<int> ids = [];
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty)
                continue;
            long id = Number(line, text);
            ids.Add(id <= int.MaxValue ? (int)id : throw Bad(text));
        }

        return ids;
    }

    /// <summary>Names separated by spaces, like those of controllers.</summary>
    internal static IReadOnlyList<string> Words(string text) =>
        text.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A pressure file: "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", and "full" the same. A missing line is null.</summary>
    internal static PressureLine? Pressure(string text, string kind)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > kind.Length && line[kind.Length] == ' ' && line.StartsWith(kind, StringComparison.Ordinal))
            {
                string[] parts = line[(kind.Length + 1)..].ToString().Split(' ');
                return new PressureLine(Average(parts, "avg10=", text), Average(parts, "avg60=", text), Average(parts, "avg300=", text),
                    TimeSpan.FromMicroseconds(Math.Min(Number(Part(parts, "total=", text), text), MaxMicroseconds)));
            }
        }

        return null;
    }

    /// <summary>The longest time that <see cref="TimeSpan"/> holds.</summary>
    internal const long MaxMicroseconds = long.MaxValue / 10;

    private static double Average(string[] parts, string name, string text) =>
        double.TryParse(Part(parts, name, text), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && value <= 100
            ? value
            : throw Bad(text);

    private static ReadOnlySpan<char> Part(string[] parts, string name, string text) =>
        (parts.FirstOrDefault(part => part.StartsWith(name, StringComparison.Ordinal)) ?? throw Bad(text)).AsSpan(name.Length);

    private static long Number(ReadOnlySpan<char> digits, string text) =>
        digits.Length is > 0 and <= 20 && !digits.ContainsAnyExceptInRange('0', '9') && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? (long)Math.Min(value, long.MaxValue)
            : throw Bad(text);

    private static FormatException Bad(string text)
    {
        const int Shown = 60;
        string start = text.Length > Shown ? text[..Shown] + "..." : text;
        return new FormatException($"not understood: \"{string.Concat(start.Select(static c => char.IsControl(c) ? "\\x" + ((int)c).ToString("x2", CultureInfo.InvariantCulture) : c.ToString()))}\"");
    }
}

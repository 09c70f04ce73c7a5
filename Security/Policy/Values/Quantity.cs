using System.Globalization;
using System.Text.RegularExpressions;

namespace ClawOS.Security.Policy.Values;

/// <summary>Numbers with a unit: "64MiB", "30s", "50%", "2.50 USD". Each is checked and read into its base unit.</summary>
internal sealed partial class Quantity
{
    /// <summary>Hundredths of one processor, 1 to 100,000.</summary>
    internal static readonly Quantity Percent = new("a percentage of one processor, like \"50%\" or \"250%\"", WholeNumber(), [("%", 1)], 1, 100_000, "1%", "100000%");

    /// <summary>Bytes, 4 KiB to 1 PiB.</summary>
    internal static readonly Quantity Size = new(
        "a size, like \"64MiB\"",
        WholeNumber(),
        [("B", 1), ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40)],
        1 << 12,
        1L << 50,
        "4KiB",
        "1024TiB");

    /// <summary>Milliseconds, up to a year.</summary>
    internal static readonly Quantity Duration = new(
        "a duration, like \"30s\" or \"5m\"",
        WholeNumber(),
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)],
        1,
        365L * 86_400_000,
        "1ms",
        "365d");

    /// <summary>US dollars, up to a million, with up to four digits behind the point.</summary>
    internal static readonly Quantity Money = new("an amount, like \"2.50 USD\"", Amount(), [(" USD", 1)], 0, 1_000_000, "0 USD", "1000000 USD");

    private readonly string _form;
    private readonly Regex _number;
    private readonly (string Name, long Factor)[] _units;
    private readonly decimal _least;
    private readonly decimal _most;
    private readonly string _range;

    private Quantity(string form, Regex number, (string Name, long Factor)[] units, decimal least, decimal most, string leastText, string mostText)
    {
        _form = form;
        _number = number;
        _units = units;
        _least = least;
        _most = most;
        _range = $"{leastText} to {mostText}";
    }

    internal Fault? Check(string text)
    {
        if (Read(text) is not { } amount)
        {
            return new Fault($"this is {_form}", Mend(text) is { } mended ? $"did you mean \"{mended}\"?" : "");
        }

        return amount < _least || amount > _most ? new Fault($"the value is out of range: {_range}") : null;
    }

    /// <summary>The amount in the base unit, of a text that <see cref="Check"/> finds no fault with.</summary>
    internal decimal Parse(string text) => Read(text)!.Value;

    /// <summary>A whole amount in the largest unit that needs no fraction: "64MiB".</summary>
    internal string Format(long amount)
    {
        (string name, long factor) = _units.Last(unit => amount % unit.Factor == 0);
        return $"{amount / factor}{name}";
    }

    private decimal? Read(string text)
    {
        foreach ((string name, long factor) in _units)
        {
            if (text.EndsWith(name, StringComparison.Ordinal) && _number.IsMatch(text.AsSpan(0, text.Length - name.Length)))
            {
                return decimal.Parse(text.AsSpan(0, text.Length - name.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * factor;
            }
        }

        return null;
    }

    /// <summary>The same number with the unit that was probably meant: "64MB", "64 mib", "64".</summary>
    private string? Mend(string text)
    {
        int digits = text.TakeWhile(character => char.IsAsciiDigit(character) || character == '.').Count();
        string number = text[..digits];
        string unit = text[digits..].Trim();
        (string Name, long Factor) found = _units.FirstOrDefault(candidate => string.Equals(candidate.Name.Trim(), unit, StringComparison.OrdinalIgnoreCase));
        found = found.Name is null && unit.Length > 0
            ? _units.FirstOrDefault(candidate => candidate.Name.Length == 3 && char.ToUpperInvariant(unit[0]) == candidate.Name[0] && unit.Length <= 2 && unit[1..] is "" or "B" or "b" or "i")
            : found;
        string? mended = found.Name is not null ? number + found.Name : unit.Length == 0 && _units.Length == 1 ? number + _units[0].Name : null;
        return mended is not null && Read(mended) is { } amount && amount >= _least && amount <= _most ? mended : null;
    }

    [GeneratedRegex(@"^[1-9][0-9]{0,15}\z")]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^(0|[1-9][0-9]{0,15})(\.[0-9]{1,4})?\z")]
    private static partial Regex Amount();
}

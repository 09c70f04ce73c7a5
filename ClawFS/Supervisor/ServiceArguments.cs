using System.Globalization;

namespace ClawFS.Supervisor;

/// <summary>The arguments of a hidden verb: "--name value" pairs and bare "--name" switches, written by ClawOS for itself.</summary>
public sealed class ServiceArguments
{
    private readonly Dictionary<string, string?> values;

    private ServiceArguments(Dictionary<string, string?> values) => this.values = values;

    /// <summary>Splits the arguments.</summary>
    /// <param name="arguments">Names start with two dashes, values do not.</param>
    /// <exception cref="FormatException">A value stands without a name.</exception>
    public static ServiceArguments Parse(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Dictionary<string, string?> values = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                throw new FormatException($"'{name}' has no name before it; this verb is started by claw up only");
            }

            bool hasValue = i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            values[name] = hasValue ? arguments[++i] : null;
        }

        return new ServiceArguments(values);
    }

    /// <summary>Whether a switch is given.</summary>
    /// <param name="name">With its dashes.</param>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>The value of a name, or null.</summary>
    /// <param name="name">With its dashes.</param>
    public string? Optional(string name) => values.GetValueOrDefault(name);

    /// <summary>The value of a name that must be there.</summary>
    /// <param name="name">With its dashes.</param>
    /// <exception cref="FormatException">It is not.</exception>
    public string Required(string name) =>
        Optional(name) ?? throw new FormatException($"{name} is missing; this verb is started by claw up only");

    /// <summary>A value that is an unsigned number.</summary>
    /// <param name="name">With its dashes.</param>
    /// <exception cref="FormatException">It is missing or not a number.</exception>
    public uint Number(string name) => uint.Parse(Required(name), NumberStyles.None, CultureInfo.InvariantCulture);
}

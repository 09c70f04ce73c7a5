using System.Reflection;
using ClawOS.Security.Policy.Compiling;
using ClawOS.Security.Policy.Language;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy;

/// <summary>Policies that may extend each other.</summary>
public sealed class PolicySet
{
    /// <summary>Most policies of a chain in which each extends the next: every save of a parent checks the chains of all its children.</summary>
    public const int MaxChain = 16;

    private readonly Dictionary<string, PolicyReading> _readings = new(StringComparer.Ordinal);

    private PolicySet()
    {
    }

    /// <summary>No policy at all: what <see cref="With"/> adds to it has no shipped parents.</summary>
    public static PolicySet Empty { get; } = new();

    /// <summary>The policies that come with the program: read-only, coder, researcher, tool-default.</summary>
    public static PolicySet Shipped { get; } = ReadShipped();

    /// <summary>The names of all policies, sorted, those that cannot be read included.</summary>
    public IReadOnlyList<string> Names => [.. _readings.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The policies of a folder (its *.toml) over those that come with the program: a file's name hides a shipped policy of that name.</summary>
    /// <param name="folder">Its path, which also begins the names of files in messages.</param>
    /// <exception cref="IOException">The folder or a file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of rights.</exception>
    public static PolicySet Load(string folder) => Shipped.With(Directory.EnumerateFiles(folder, "*" + PolicyFile.Extension).Select(path => (path, PolicyFile.Read(path))));

    /// <summary>Some policies over those of this set.</summary>
    /// <param name="readings">Each under the name or path that its file was read from.</param>
    /// <returns>A set of its own.</returns>
    public PolicySet With(IEnumerable<(string File, PolicyReading Reading)> readings)
    {
        PolicySet set = new();
        foreach ((string name, PolicyReading reading) in _readings)
        {
            set._readings[name] = reading;
        }

        foreach ((string file, PolicyReading reading) in readings)
        {
            set._readings[PolicyFile.NameOf(file)] = reading;
        }

        return set;
    }

    /// <summary>Whether there is a policy of this name.</summary>
    public bool Contains(string name) => _readings.ContainsKey(name);

    /// <summary>Joins a policy with its parents, checks that each child only narrows and that a layer enforces every rule.</summary>
    /// <param name="name">The policy.</param>
    /// <param name="options">What for; null: to be checked and shown.</param>
    /// <returns>The policy, or at least one error, of its own file or of a parent's.</returns>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public PolicyCompilation Compile(string name, CompileOptions? options = null)
    {
        List<PolicyFile> chain = [];
        PolicyReading reading = Reading(name);
        while (true)
        {
            if (reading.File is not { } file)
            {
                return new PolicyCompilation(null, reading.Errors);
            }

            chain.Insert(0, file);
            if (file.Parent is not { } parent)
            {
                return Compiler.Compile(chain, options ?? new CompileOptions());
            }

            if (chain.Any(known => known.Name == parent.Value))
            {
                return Refuse(parent, $"'{parent.Value}' extends itself: {string.Join(" -> ", chain.AsEnumerable().Reverse().Select(known => known.Name).Append(parent.Value))}", "");
            }

            if (!_readings.TryGetValue(parent.Value, out PolicyReading? next))
            {
                // Not itself, nor what extends it: that would be a circle.
                string[] others = [.. Names.Except(chain.Select(known => known.Name))];
                return Refuse(parent, $"there is no policy '{parent.Value}'", Similar.Suggest(parent.Value, others) is { Length: > 0 } suggestion ? suggestion : others.Length == 0 ? "" : $"there are {string.Join(", ", others)}");
            }

            if (chain.Count == MaxChain)
            {
                return Refuse(parent, $"at most {MaxChain} policies may extend each other in a chain, and this is one more", "extend one that is nearer to the end of the chain");
            }

            reading = next;
        }
    }

    private static PolicyCompilation Refuse(Entry<string> parent, string message, string suggestion) => new(null, [parent.Error(message, suggestion)]);

    private PolicyReading Reading(string name) =>
        _readings.TryGetValue(name, out PolicyReading? reading) ? reading : throw new ArgumentException($"there is no policy '{name}'", nameof(name));

    /// <summary>The policies that come with the program as they are written, comments and all.</summary>
    /// <returns>Name and UTF-8 text of each.</returns>
    public static IReadOnlyList<(string Name, byte[] Text)> ShippedTexts()
    {
        Assembly assembly = typeof(PolicySet).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(PolicyFile.Extension, StringComparison.Ordinal))
            .Select(name => (PolicyFile.NameOf(name), BytesOf(assembly, name)))];
    }

    private static PolicySet ReadShipped() =>
        new PolicySet().With(ShippedTexts().Select(shipped => (shipped.Name, PolicyFile.Parse(shipped.Text, shipped.Name + PolicyFile.Extension))));

    private static byte[] BytesOf(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>What compiling a policy gave.</summary>
/// <param name="Policy">The policy; null when there are errors.</param>
/// <param name="Errors">By file and place.</param>
public sealed record PolicyCompilation(EffectivePolicy? Policy, IReadOnlyList<PolicyError> Errors);

namespace ClawOS.Security.Policy.Rules;

/// <summary>Finds the rules about a host by its name and by each of its endings.</summary>
internal sealed class HostIndex
{
    private readonly Dictionary<string, List<HostRule>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<HostRule>> _endings = new(StringComparer.Ordinal);

    internal HostIndex(IEnumerable<HostRule> rules)
    {
        foreach (HostRule rule in rules)
        {
            (Dictionary<string, List<HostRule>> index, string key) = rule.Host.StartsWith('*') ? (_endings, rule.Host[1..]) : (_names, rule.Host);
            if (!index.TryGetValue(key, out List<HostRule>? known))
            {
                index.Add(key, known = []);
            }

            known.Add(rule);
        }
    }

    /// <summary>The rule that lets a connection pass; else one that is about the host; else null.</summary>
    internal (HostRule? Rule, bool IsAllowed) Find(string host, int port, string? method, string? path)
    {
        HostRule? about = null;
        if (_names.TryGetValue(host, out List<HostRule>? named) && Allowing(named, port, method, path, ref about) is { } byName)
        {
            return (byName, true);
        }

        Dictionary<string, List<HostRule>>.AlternateLookup<ReadOnlySpan<char>> endings = _endings.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.', dot + 1))
        {
            if (endings.TryGetValue(host.AsSpan(dot), out List<HostRule>? ending) && Allowing(ending, port, method, path, ref about) is { } byEnding)
            {
                return (byEnding, true);
            }
        }

        return (about, false);
    }

    private static HostRule? Allowing(List<HostRule> rules, int port, string? method, string? path, ref HostRule? about)
    {
        foreach (HostRule rule in rules)
        {
            if (HostMatch.Allows(rule, port, method, path))
            {
                return rule;
            }

            about ??= rule;
        }

        return null;
    }
}

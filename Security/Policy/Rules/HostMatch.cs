namespace ClawOS.Security.Policy.Rules;

/// <summary>Compares connections, and rules about them, with rules.</summary>
internal static class HostMatch
{
    private const string Wild = "*.";

    /// <summary>Whether a rule is about a host: by its name, or by a star before a dot.</summary>
    internal static bool IsAbout(HostRule rule, string host) =>
        rule.Host == host || (rule.Host.StartsWith(Wild, StringComparison.Ordinal) && host.EndsWith(rule.Host[1..], StringComparison.Ordinal));

    /// <summary>Whether a rule about the host lets a connection pass.</summary>
    /// <param name="rule">A rule about the host.</param>
    /// <param name="port">Where to.</param>
    /// <param name="method">Null: not HTTP, or not known to be.</param>
    /// <param name="path">Of the URL, without its query; null without a method.</param>
    internal static bool Allows(HostRule rule, int port, string? method, string? path) =>
        rule.Ports.Contains(port)
        && (!rule.IsHttpOnly || (method is not null && path is not null))
        && (rule.Methods.Count == 0 || rule.Methods.Contains(method))
        && (rule.PathPrefixes.Count == 0 || rule.PathPrefixes.Any(prefix => IsBelow(prefix, path!)));

    /// <summary>The first connection that a rule lets pass and none of some others does, as a text; null when they cover it all.</summary>
    internal static string? Beyond(HostRule narrow, IEnumerable<HostRule> wide)
    {
        // For two stars the text of one ends with the other's: "*.a.example.com" with ".example.com".
        HostRule[] about = [.. wide.Where(rule => IsAbout(rule, narrow.Host))];
        foreach (int port in narrow.Ports)
        {
            foreach (string? method in narrow.Methods.DefaultIfEmpty(null))
            {
                foreach (string? prefix in narrow.PathPrefixes.DefaultIfEmpty(null))
                {
                    if (!about.Any(rule => rule.Ports.Contains(port) && CoversHttp(rule, narrow.IsHttpOnly, method, prefix)))
                    {
                        return string.Join(' ', new[] { $"{narrow.Host}:{port}", method, prefix }.Where(part => part is not null));
                    }
                }
            }
        }

        return null;
    }

    /// <param name="rule">The wide rule.</param>
    /// <param name="isHttpOnly">Whether the narrow rule lets only HTTP pass.</param>
    /// <param name="method">Null: any.</param>
    /// <param name="prefix">Null: any.</param>
    private static bool CoversHttp(HostRule rule, bool isHttpOnly, string? method, string? prefix) =>
        (!rule.IsHttpOnly || isHttpOnly)
        && (rule.Methods.Count == 0 || rule.Methods.Contains(method))
        && (rule.PathPrefixes.Count == 0 || (prefix is not null && rule.PathPrefixes.Any(wide => IsBelow(wide, prefix))));

    /// <summary>Prefixes end where a segment ends: /v1 is not the beginning of /v10.</summary>
    private static bool IsBelow(string prefix, string path) =>
        prefix == "/" || (path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/'));
}

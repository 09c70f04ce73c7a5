namespace ClawOS.Security.Policy;

/// <summary>A host that may be connected to.</summary>
/// <param name="Host">A name in lower case without a dot at its end, "*.example.com" for every name below example.com (not itself), or an IP address in its shortest form.</param>
/// <param name="Ports">TCP ports, sorted, at least one.</param>
/// <param name="Methods">HTTP methods in upper case. Empty together with <paramref name="PathPrefixes"/>: any protocol; empty with prefixes: any method.</param>
/// <param name="PathPrefixes">Paths of URLs that begin with "/"; each stands for itself and what follows it behind a slash. Empty: any path.</param>
/// <param name="Source">Where it is written.</param>
public sealed record HostRule(string Host, IReadOnlyList<int> Ports, IReadOnlyList<string> Methods, IReadOnlyList<string> PathPrefixes, SourceLine Source)
{
    /// <summary>Whether only HTTP requests may pass, so that a bare connection may not.</summary>
    public bool IsHttpOnly => Methods.Count + PathPrefixes.Count > 0;
}

using ClawOS.Security.Policy;

namespace ClawOS.Security.Trees;

/// <summary>
/// The policies in effect, all of them, from the moment that they are kept in the store. Whoever enforces policies takes its policies from here and from nowhere else.
/// </summary>
/// <param name="Version">Of the store's policies: greater with every change, restarts included.</param>
/// <param name="Mode">Whether they are enforced.</param>
/// <param name="Files">Every active policy, sorted by name. Of a store whose policies are damaged there is none, so that nothing is allowed.</param>
public sealed record PolicySetChanged(long Version, PolicyMode Mode, IReadOnlyList<PolicyText> Files)
{
    private readonly Lazy<PolicySet> set = new(() => SetOf(Files));

    /// <summary>These policies and no shipped ones. One that does not compile (kept by an earlier version of claw) allows nothing.</summary>
    public PolicySet Policies => set.Value;

    private static PolicySet SetOf(IReadOnlyList<PolicyText> files) =>
        PolicySet.Empty.With(files.Select(static file => (file.FileName, PolicyFile.Parse(file.Utf8.Span, file.FileName))));
}

/// <summary>An active policy as it is written.</summary>
/// <param name="Name">What it is called: its file's name without ".toml".</param>
/// <param name="Utf8">All of the file.</param>
public sealed record PolicyText(string Name, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>The name of the file, which messages begin with.</summary>
    public string FileName => Name + PolicyFile.Extension;
}

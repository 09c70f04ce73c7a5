using System.Collections.Immutable;
using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>All that `policy/` keeps, at one moment. Never changes.</summary>
/// <param name="Version">Of the active policies and the mode: greater with every change of them.</param>
/// <param name="Mode">Whether they are enforced.</param>
/// <param name="Active">The policies in effect by name, without ".toml".</param>
/// <param name="Drafts">Drafts by the name of their file.</param>
internal sealed record PolicyState(long Version, PolicyMode Mode, ImmutableSortedDictionary<string, KeptText> Active, ImmutableSortedDictionary<string, KeptText> Drafts)
{
    /// <summary>Nothing, which allows nothing.</summary>
    public static PolicyState Empty { get; } = new(0, PolicyMode.Enforce, NoTexts, NoTexts);

    /// <summary>Bytes of all texts.</summary>
    public long Bytes => Active.Values.Sum(static text => (long)text.Content.Length) + Drafts.Values.Sum(static text => (long)text.Content.Length);

    /// <summary>What is told of it.</summary>
    public PolicySetChanged Told => new(Version, Mode, [.. Active.Select(static pair => new PolicyText(pair.Key, pair.Value.Content))]);

    private static ImmutableSortedDictionary<string, KeptText> NoTexts => ImmutableSortedDictionary.Create<string, KeptText>(StringComparer.Ordinal);
}

/// <summary>The content of a file and when it became that.</summary>
/// <param name="Content">Never changed.</param>
/// <param name="ChangedAt">When it was saved.</param>
internal sealed record KeptText(byte[] Content, Timestamp ChangedAt);

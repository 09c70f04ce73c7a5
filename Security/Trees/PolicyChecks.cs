using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Trees;

/// <summary>Whether one set of active policies may take the place of another. Not safe for several threads.</summary>
/// <param name="layers">What enforces policies on this machine.</param>
internal sealed class PolicyChecks(Layers layers)
{
    private const int MaxShown = 5;

    // By the text itself: a text that stays is read once.
    private readonly ConditionalWeakTable<KeptText, PolicyReading> readings = [];

    private CompileOptions Here => new() { Layers = layers };

    /// <summary>Drops what was read.</summary>
    public void Forget() => readings.Clear();

    /// <summary>Whether two sets say different things.</summary>
    public bool Differ(ImmutableSortedDictionary<string, KeptText> now, ImmutableSortedDictionary<string, KeptText> next) =>
        now != next && (now.Count != next.Count || Different(now, next).Any());

    /// <summary>Every error in a set.</summary>
    public IEnumerable<PolicyError> Errors(ImmutableSortedDictionary<string, KeptText> active)
    {
        PolicySet set = SetOf(active);
        return active.Keys.SelectMany(name => set.Compile(name, Here).Errors).Distinct();
    }

    /// <summary>Null when the next set is sound, or at least not less so than the one of now; else why not.</summary>
    /// <param name="now">What is in effect.</param>
    /// <param name="next">What shall be.</param>
    /// <param name="saved">The policy that is being saved, or null.</param>
    public Rejection? Refuse(ImmutableSortedDictionary<string, KeptText> now, ImmutableSortedDictionary<string, KeptText> next, string? saved)
    {
        HashSet<string> different = [.. Different(now, next)];
        PolicySet before = SetOf(now), after = SetOf(next);
        if (saved is not null && next.ContainsKey(saved) && after.Compile(saved, Here).Errors is { Count: > 0 } own)
        {
            return Explain($"the policy is refused, nothing has changed", own);
        }

        foreach (string name in next.Keys.Where(name => name != saved && DependsOn(name, next, different)))
        {
            // What was wrong before (kept by another version of claw) does not stand in the way of mending it.
            bool wasSound = now.ContainsKey(name) && before.Compile(name, Here).Errors.Count == 0;
            if ((wasSound || different.Contains(name)) && after.Compile(name, Here).Errors is { Count: > 0 } errors)
            {
                return Explain($"'{name}' extends what this changes and would not be valid any more, nothing has changed", errors);
            }
        }

        return null;
    }

    private static IEnumerable<string> Different(ImmutableSortedDictionary<string, KeptText> now, ImmutableSortedDictionary<string, KeptText> next) =>
        now.Keys.Union(next.Keys).Where(name => !(now.TryGetValue(name, out KeptText? old) && next.TryGetValue(name, out KeptText? other)
            && (ReferenceEquals(old, other) || old.Content.AsSpan().SequenceEqual(other.Content))));

    private static Rejection Explain(string reason, IReadOnlyList<PolicyError> errors) =>
        new(reason) { Shown = string.Join('\n', errors.Take(MaxShown)) };

    /// <summary>Whether a policy or one that it extends is different; a circle ends where it closes.</summary>
    private bool DependsOn(string name, ImmutableSortedDictionary<string, KeptText> active, HashSet<string> different)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (string? at = name; at is not null && seen.Add(at); at = active.TryGetValue(at, out KeptText? text) ? Read(at, text).File?.Extends : null)
        {
            if (different.Contains(at))
            {
                return true;
            }
        }

        return false;
    }

    private PolicySet SetOf(ImmutableSortedDictionary<string, KeptText> active) =>
        PolicySet.Empty.With(active.Select(pair => (pair.Key, Read(pair.Key, pair.Value))));

    /// <summary>A text has one name at a time; under another it is read again, for its errors say the name.</summary>
    private PolicyReading Read(string name, KeptText text)
    {
        if (readings.TryGetValue(text, out PolicyReading? known) && (known.File?.Name ?? name) == name)
        {
            return known;
        }

        PolicyReading reading = PolicyFile.Parse(text.Content, name + PolicyFile.Extension);
        readings.AddOrUpdate(text, reading);
        return reading;
    }
}

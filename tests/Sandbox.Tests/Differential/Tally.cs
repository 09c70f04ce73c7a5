using ClawOS.Security.Policy;

namespace Sandbox.Tests.Differential;

/// <summary>One question with all answers.</summary>
/// <param name="Policy">What was asked about.</param>
/// <param name="Text">As it was written.</param>
/// <param name="Missing">What its plan says that no layer here enforces.</param>
/// <param name="Asked">The question.</param>
/// <param name="Evaluator">The evaluator's answer.</param>
/// <param name="Both">The kernel's, with view and Landlock.</param>
/// <param name="View">The kernel's, with the view alone.</param>
/// <param name="Landlock">The kernel's, with Landlock alone.</param>
internal sealed record Judged(EffectivePolicy Policy, string Text, IReadOnlyList<string> Missing, Asked Asked, Explanation Evaluator, string Both, string View, string Landlock);

/// <summary>Counts answers, and keeps those that should not differ.</summary>
internal sealed class Tally
{
    private readonly Dictionary<string, int> known = [];

    internal int Allowed { get; private set; }

    internal int Denied { get; private set; }

    internal List<string> Disagreements { get; } = [];

    internal void Count(Judged judged)
    {
        bool allowed = judged.Evaluator.Verdict == Verdict.Allowed;
        (Allowed, Denied) = allowed ? (Allowed + 1, Denied) : (Allowed, Denied + 1);
        string[] wrong = [.. Wrong(judged, allowed)];
        if (wrong.Length == 0)
            return;
        if (KnownLimit.Of(judged) is { } limit)
            known[limit] = known.GetValueOrDefault(limit) + 1;
        else
            Disagreements.Add($"{judged.Asked}: {judged.Evaluator}; both {judged.Both}, view {judged.View}, landlock {judged.Landlock}: {string.Join("; ", wrong)}\n{judged.Text}");
    }

    public override string ToString() => $"{Allowed} allowed, {Denied} denied, {Disagreements.Count} disagreements{string.Concat(known.OrderBy(pair => pair.Key).Select(pair => $"\n{pair.Value} known: {pair.Key}"))}";

    private static IEnumerable<string> Wrong(Judged judged, bool allowed)
    {
        if ((judged.Both == Probe.Done) != allowed)
            yield return "the kernel does otherwise";
        if (allowed && judged.View != Probe.Done)
            yield return "the view alone refuses what is allowed";
        if (allowed && judged.Landlock != Probe.Done)
            yield return "Landlock alone refuses what is allowed";
        if (!allowed && judged.Evaluator.Layers.HasFlag(Layers.View) && judged.View == Probe.Done)
            yield return "the view is named and lets it pass";
        if (!allowed && judged.Evaluator.Layers.HasFlag(Layers.Landlock) && judged.Landlock == Probe.Done)
            yield return "Landlock is named and lets it pass";
    }
}

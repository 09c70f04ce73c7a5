using System.Globalization;
using ClawOS.Security.Policy;

namespace ClawOS.Security.AppArmor;

/// <summary>What a policy would have to say so that a program had not been refused, from the kernel's log: a proposal for people, who know what the program should do.</summary>
public sealed class Refinement
{
    private const string Claw = "/claw", ClawMemory = Claw + "/memory";

    private static readonly (string Key, PathAccess Access)[] s_keys = [("read", PathAccess.Read), ("write", PathAccess.Write), ("execute", PathAccess.Execute)];

    private Refinement(IReadOnlyList<ProposedRule> rules, IReadOnlyList<Denial> others) => (Rules, Others) = (rules, others);

    /// <summary>Rules that would allow what was refused, sorted by key and path. What the policy allows already is left out: another layer or an older profile refused it.</summary>
    public IReadOnlyList<ProposedRule> Rules { get; }

    /// <summary>Refusals that no rule of a policy can lift: capabilities, networks, signals, tracing, paths that no policy can hold.</summary>
    public IReadOnlyList<Denial> Others { get; }

    /// <summary>Goes through a log.</summary>
    /// <param name="policy">The policy; its profiles of any workspace and age count, by their name.</param>
    /// <param name="log">Lines of the kernel's log; those about others are passed over.</param>
    public static Refinement Of(EffectivePolicy policy, IEnumerable<string> log)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(log);
        string current = ProfileText.Of(policy).Name;
        string family = current[..(current.LastIndexOf('.') + 1)];
        Explainer explainer = new(policy);
        Dictionary<(string Key, string Path), (int Count, HashSet<string> Programs, string? Denial)> wanted = [];
        List<Denial> others = [];
        foreach (Denial denial in log.Select(Denial.Read).OfType<Denial>().Where(denial => denial.Profile.StartsWith(family, StringComparison.Ordinal)))
        {
            if (denial.Access == PathAccess.None || !CanBeHeld(denial.Path!))
            {
                others.Add(denial);
                continue;
            }

            foreach ((string key, PathAccess access) in s_keys.Where(pair => denial.Access.HasFlag(pair.Access)))
            {
                Explanation answer = explainer.ExplainPath(denial.Path!, access);
                if (answer.Verdict == Verdict.Allowed)
                {
                    continue;
                }

                (int count, HashSet<string> programs, string? _) = wanted.GetValueOrDefault((key, denial.Path!), (0, [], null));
                programs.Add(denial.Program);
                wanted[(key, denial.Path!)] = (count + 1, programs, answer.Source?.ToString());
            }
        }

        return new Refinement(
            [
                .. wanted.OrderBy(pair => pair.Key.Key, StringComparer.Ordinal).ThenBy(pair => pair.Key.Path, StringComparer.Ordinal)
                    .Select(pair => new ProposedRule(pair.Key.Key, pair.Key.Path, pair.Value.Count, [.. pair.Value.Programs.Order(StringComparer.Ordinal)], pair.Value.Denial)),
            ],
            others);
    }

    /// <summary>What stands for itself in a policy: no pattern, no backslash, nothing unprintable or that turns the direction of writing; and of the ClawOS mount only what is stored.</summary>
    private static bool CanBeHeld(string path) =>
        !path.Any(character => char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format || character is '*' or '?' or '\\' or '\uFFFD')
        && (!IsBelow(path, Claw) || IsBelow(path, ClawMemory));

    private static bool IsBelow(string path, string folder) => path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');
}

/// <summary>A rule that would have allowed something.</summary>
/// <param name="Key">The key below [paths]: read, write or execute.</param>
/// <param name="Path">The file or folder.</param>
/// <param name="Count">How often it was refused.</param>
/// <param name="Programs">Which programs asked, by their short names, sorted.</param>
/// <param name="DeniedBy">The line of the policy that denies it, which would have to go first; null when no rule is about it.</param>
public sealed record ProposedRule(string Key, string Path, int Count, IReadOnlyList<string> Programs, string? DeniedBy);

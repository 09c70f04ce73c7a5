using ClawOS.Security.Policy.Language;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Compiling;

/// <summary>From a chain of files, the parent of all first, to the policy that the last one comes to.</summary>
internal static class Compiler
{
    /// <summary>The profile of system calls of a policy that names none.</summary>
    internal const string DefaultProfile = "tool-default";

    internal static PolicyCompilation Compile(IReadOnlyList<PolicyFile> chain, CompileOptions options)
    {
        string workspace = options.Workspace ?? CompileOptions.NoWorkspace;
        List<PolicyError> errors = [];
        Draft draft = Draft.Of(chain[0], workspace);
        Enforcement.Check(draft, chain[0], options.Layers, errors);
        foreach (PolicyFile child in chain.Skip(1).TakeWhile(_ => errors.Count == 0))
        {
            Draft narrowed = draft.NarrowedBy(child, workspace);
            Narrowing.Check(draft, narrowed, child, errors);
            Enforcement.Check(narrowed, child, options.Layers, errors);
            draft = narrowed;
        }

        return errors.Count == 0 ? new PolicyCompilation(Finish(chain[^1].Name, draft), []) : new PolicyCompilation(null, [.. errors.Distinct().OrderBy(error => (error.File, error.Line, error.Column))]);
    }

    private static EffectivePolicy Finish(string name, Draft draft) => new()
    {
        Name = name,
        Paths =
        [
            .. PathKind.All
                .SelectMany(kind => draft.Paths[kind.Key].Select(item => new PathRule(item.Value.Path, item.Value.Shape == PathShape.Tree, kind.Access, kind.IsDenied, item.Line) { IsGlob = item.Value.Shape == PathShape.Glob }))
                .OrderBy(rule => rule.Path, StringComparer.Ordinal),
        ],
        Commands = [.. draft.Commands.Select(item => item.Value)],
        Hosts = [.. draft.Hosts.Select(item => item.Value)],
        Secrets = Names(draft.Secrets),
        SyscallProfile = draft.SyscallProfile?.Value ?? DefaultProfile,
        SyscallAdditions = Names(draft.SyscallAdditions),
        Limits = LimitsOf(draft.Limits),
        Origins = Origins(draft),
    };

    private static string[] Names(IEnumerable<Entry<string>> items) => [.. items.Select(item => item.Value).Order(StringComparer.Ordinal)];

    private static Limits LimitsOf(IReadOnlyDictionary<string, Entry<decimal>> limits)
    {
        decimal? Find(LimitKind kind) => limits.GetValueOrDefault(kind.Key)?.Value;
        return new Limits(
            (int?)Find(LimitKind.Cpu),
            (long?)Find(LimitKind.Memory),
            (int?)Find(LimitKind.Processes),
            (long?)Find(LimitKind.Disk),
            Find(LimitKind.Time) is { } time ? TimeSpan.FromMilliseconds((long)time) : null,
            (long?)Find(LimitKind.Tokens),
            Find(LimitKind.Cost));
    }

    private static Dictionary<Origin, SourceLine> Origins(Draft draft)
    {
        Dictionary<Origin, SourceLine> origins = [];
        foreach (Entry<string> item in draft.Secrets)
        {
            origins[new Origin(OriginKind.Secret, item.Value)] = item.Line;
        }

        foreach (Entry<string> item in draft.SyscallAdditions)
        {
            origins[new Origin(OriginKind.Syscall, item.Value)] = item.Line;
        }

        foreach ((string key, Entry<decimal> item) in draft.Limits)
        {
            origins[new Origin(OriginKind.Limit, key)] = item.Line;
        }

        if (draft.SyscallProfile is { } profile)
        {
            origins[new Origin(OriginKind.Profile, profile.Value)] = profile.Line;
        }

        return origins;
    }
}

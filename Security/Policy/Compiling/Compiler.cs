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
        SyscallAdditions = Names(Within(draft, draft.SyscallAdditions)),
        SyscallsOnly = draft.SyscallsOnly is { } only ? Names(only) : null,
        SyscallsAsked = Names(Within(draft, draft.SyscallsAsked)),
        MayLaunch = draft.MayLaunch is { Value: true },
        IsKilledOnRevoke = draft.OnRevoke is { Value: Words.Kill },
        Limits = LimitsOf(draft.Limits),
        Origins = Origins(draft),
    };

    private static string[] Names(IEnumerable<Entry<string>> items) => [.. items.Select(item => item.Value).Order(StringComparer.Ordinal)];

    /// <summary>What a child's list of the only calls leaves out is not added or asked any more.</summary>
    private static IEnumerable<Entry<string>> Within(Draft draft, IEnumerable<Entry<string>> calls) =>
        draft.SyscallsOnly is { } only ? calls.IntersectBy(only.Select(item => item.Value), item => item.Value) : calls;

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
        Add(OriginKind.Secret, draft.Secrets);
        Add(OriginKind.Syscall, draft.SyscallAdditions);
        Add(OriginKind.Only, draft.SyscallsOnly ?? []);
        Add(OriginKind.Only, draft.SyscallsOnly is [{ } first, ..] ? [first.As("")] : []);
        Add(OriginKind.Asked, draft.SyscallsAsked);
        Add(OriginKind.Limit, draft.Limits.Select(pair => pair.Value.As(pair.Key)));
        Add(OriginKind.Profile, draft.SyscallProfile is { } profile ? [profile] : []);
        Add(OriginKind.Launch, draft.MayLaunch is { } launch ? [launch.As("")] : []);
        Add(OriginKind.OnRevoke, draft.OnRevoke is { } revoke ? [revoke.As("")] : []);
        return origins;

        void Add(OriginKind kind, IEnumerable<Entry<string>> items)
        {
            foreach (Entry<string> item in items)
            {
                origins[new Origin(kind, item.Value)] = item.Line;
            }
        }
    }
}

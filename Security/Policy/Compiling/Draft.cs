using ClawOS.Security.Policy.Language;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Compiling;

/// <summary>What a policy says with its parents joined in and its variable replaced; every value still knows its file and line.</summary>
internal sealed record Draft
{
    /// <summary>By the key's name; every key is there.</summary>
    internal required IReadOnlyDictionary<string, IReadOnlyList<Entry<PathPattern>>> Paths { get; init; }

    internal required IReadOnlyList<Entry<CommandRule>> Commands { get; init; }

    internal required IReadOnlyList<Entry<HostRule>> Hosts { get; init; }

    internal required IReadOnlyList<Entry<string>> Secrets { get; init; }

    internal required Entry<string>? SyscallProfile { get; init; }

    internal required IReadOnlyList<Entry<string>> SyscallAdditions { get; init; }

    /// <summary>Null: all that the profile and the additions allow.</summary>
    internal required IReadOnlyList<Entry<string>>? SyscallsOnly { get; init; }

    internal required IReadOnlyList<Entry<string>> SyscallsAsked { get; init; }

    internal required Entry<bool>? MayLaunch { get; init; }

    internal required Entry<string>? OnRevoke { get; init; }

    internal required IReadOnlyDictionary<string, Entry<decimal>> Limits { get; init; }

    /// <summary>A policy of its own: what it does not mention is empty.</summary>
    internal static Draft Of(PolicyFile file, string workspace) => new()
    {
        Paths = PathKind.All.ToDictionary(kind => kind.Key, kind => PathsOf(file, kind, workspace) ?? []),
        Commands = CommandsOf(file, workspace) ?? [],
        Hosts = file.Hosts ?? [],
        Secrets = file.Secrets ?? [],
        SyscallProfile = file.SyscallProfile,
        SyscallAdditions = file.SyscallAdditions ?? [],
        SyscallsOnly = file.SyscallsOnly,
        SyscallsAsked = file.SyscallsAsked ?? [],
        MayLaunch = file.MayLaunch,
        OnRevoke = file.OnRevoke,
        Limits = file.Limits,
    };

    /// <summary>This policy as a child leaves it: what the child mentions replaces it, but denials and asked calls add up.</summary>
    internal Draft NarrowedBy(PolicyFile child, string workspace) => new()
    {
        Paths = PathKind.All.ToDictionary(
            kind => kind.Key,
            kind => PathsOf(child, kind, workspace) is not { } own ? Paths[kind.Key] : kind.IsDenied ? [.. Paths[kind.Key], .. own] : own),
        Commands = CommandsOf(child, workspace) ?? Commands,
        Hosts = child.Hosts ?? Hosts,
        Secrets = child.Secrets ?? Secrets,
        SyscallProfile = child.SyscallProfile ?? SyscallProfile,
        SyscallAdditions = child.SyscallAdditions ?? SyscallAdditions,
        SyscallsOnly = child.SyscallsOnly ?? SyscallsOnly,
        SyscallsAsked = [.. SyscallsAsked, .. (child.SyscallsAsked ?? []).ExceptBy(SyscallsAsked.Select(item => item.Value), item => item.Value)],
        MayLaunch = child.MayLaunch ?? MayLaunch,
        OnRevoke = child.OnRevoke ?? OnRevoke,
        Limits = LimitKind.All
            .Select(kind => (kind.Key, Limit: child.Limits.GetValueOrDefault(kind.Key) ?? Limits.GetValueOrDefault(kind.Key)))
            .Where(pair => pair.Limit is not null)
            .ToDictionary(pair => pair.Key, pair => pair.Limit!),
    };

    private static IReadOnlyList<Entry<PathPattern>>? PathsOf(PolicyFile file, PathKind kind, string workspace) =>
        file.Paths.TryGetValue(kind.Key, out IReadOnlyList<Entry<PathPattern>>? items) ? [.. items.Select(item => item.As(item.Value.At(workspace)))] : null;

    private static IReadOnlyList<Entry<CommandRule>>? CommandsOf(PolicyFile file, string workspace) =>
        file.Commands is null ? null : [.. file.Commands.Select(item => item.As(item.Value with { Path = PathPattern.Parse(item.Value.Path).At(workspace).Path }))];
}

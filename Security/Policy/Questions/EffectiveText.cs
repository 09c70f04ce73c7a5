using System.Globalization;
using ClawOS.Security.Policy.Compiling;
using ClawOS.Security.Policy.Language;
using ClawOS.Security.Policy.Questions;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy;

/// <summary>One rule of an effective policy, for people.</summary>
/// <param name="What">"read", "deny", "host", "memory".</param>
/// <param name="Rule">"/usr/**".</param>
/// <param name="Layers">What enforces it.</param>
/// <param name="Source">Where it is written; null: a default.</param>
public sealed record EffectiveLine(string What, string Rule, Layers Layers, SourceLine? Source);

/// <summary>An effective policy as sorted lines, each with the layer that enforces it.</summary>
public static class EffectiveText
{
    private const int WhatWidth = 10;

    /// <summary>The lines, sorted by what they are and by their text, so that two policies can be compared line by line.</summary>
    /// <param name="policy">The policy.</param>
    public static IReadOnlyList<EffectiveLine> Lines(EffectivePolicy policy) =>
    [
        .. All(policy).OrderBy(line => line.What, StringComparer.Ordinal).ThenBy(line => line.Rule, StringComparer.Ordinal).ThenBy(line => line.Source?.ToString(), StringComparer.Ordinal),
    ];

    /// <summary>The lines in columns, each ended by a line feed; what is not there is denied.</summary>
    /// <param name="policy">The policy.</param>
    public static string Render(EffectivePolicy policy)
    {
        IReadOnlyList<EffectiveLine> lines = Lines(policy);
        int width = lines.Max(line => line.Rule.Length);
        int layers = lines.Max(line => line.Layers.ToText().Length);
        return string.Concat(lines.Select(line =>
            $"{line.What.PadRight(WhatWidth)}  {line.Rule.PadRight(width)}  {line.Layers.ToText().PadRight(layers)}  {line.Source?.ToString() ?? "default"}\n"));
    }

    private static IEnumerable<EffectiveLine> All(EffectivePolicy policy) =>
    [
        .. policy.Paths.Select(rule => new EffectiveLine(WhatOf(rule), rule.IsTree ? new PathPattern(rule.Path, PathShape.Tree).ToString() : rule.Path, RuleLayers.Of(rule), rule.Source)),
        .. policy.Commands.Select(rule => new EffectiveLine("command", TextOf(rule), RuleLayers.Of(rule), rule.Source)),
        .. policy.Hosts.Select(rule => new EffectiveLine("host", TextOf(rule), Layers.Egress, rule.Source)),
        .. policy.Secrets.Select(name => new EffectiveLine("secret", name, Layers.Egress, policy.OriginOf(OriginKind.Secret, name))),
        new("profile", policy.SyscallProfile, Layers.Seccomp, policy.OriginOf(OriginKind.Profile, policy.SyscallProfile)),
        .. policy.SyscallAdditions.Select(name => new EffectiveLine("syscall", name, Layers.Seccomp, policy.OriginOf(OriginKind.Syscall, name))),
        .. (policy.SyscallsOnly ?? []).Select(name => new EffectiveLine("only", name, Layers.Seccomp, policy.OriginOf(OriginKind.Only, name))),
        .. policy.SyscallsAsked.Select(name => new EffectiveLine("ask", name, Layers.Seccomp | Layers.Approval, policy.OriginOf(OriginKind.Asked, name))),
        .. policy.MayLaunch ? [new EffectiveLine("launch", Words.True, Layers.Launch, policy.OriginOf(OriginKind.Launch, ""))] : Array.Empty<EffectiveLine>(),
        .. policy.IsKilledOnRevoke ? [new EffectiveLine("on_revoke", Words.Kill, Layers.Launch, policy.OriginOf(OriginKind.OnRevoke, ""))] : Array.Empty<EffectiveLine>(),
        .. LimitKind.All.Select(kind => (kind, Text: TextOf(kind, policy.Limits))).Where(pair => pair.Text is not null)
            .Select(pair => new EffectiveLine(pair.kind.Key, pair.Text!, pair.kind.Layers, policy.OriginOf(OriginKind.Limit, pair.kind.Key))),
    ];

    /// <summary>The key that makes such a rule; a rule that was made by hand may join several.</summary>
    private static string WhatOf(PathRule rule) =>
        PathKind.All.FirstOrDefault(kind => kind.IsDenied == rule.IsDenied && kind.Access == rule.Access)?.Key
        ?? (rule.IsDenied ? "deny_" : "") + rule.Access.ToString().ToLowerInvariant().Replace(", ", "+", StringComparison.Ordinal);

    /// <summary>The command line with its patterns: [...] for any arguments, "but not" for what no argument may match, "if approved" where the owner is asked.</summary>
    private static string TextOf(CommandRule rule) =>
        string.Join(' ', [rule.Path, .. rule.Arguments?.Select(Quoted) ?? ["[...]"]]) + (rule.Forbidden.Count == 0 ? "" : $" but not {string.Join(' ', rule.Forbidden.Select(Quoted))}")
        + (rule.NeedsApproval ? " if approved" : "");

    private static string TextOf(HostRule rule)
    {
        string methods = rule.Methods.Count == 0 ? "" : $" {string.Join(',', rule.Methods)}";
        string paths = rule.PathPrefixes.Count == 0 ? "" : $" {string.Join(',', rule.PathPrefixes)}";
        return $"{rule.Host}:{string.Join(',', rule.Ports)}{methods}{paths}";
    }

    private static string? TextOf(LimitKind kind, Limits limits) => kind.Key switch
    {
        "cpu" => limits.CpuPercent is { } percent ? $"{percent}%" : null,
        "memory" => limits.MemoryBytes is { } bytes ? Quantity.Size.Format(bytes) : null,
        "processes" => limits.Processes?.ToString(CultureInfo.InvariantCulture),
        "disk" => limits.DiskBytes is { } bytes ? Quantity.Size.Format(bytes) : null,
        "time" => limits.WallTime is { } time ? Quantity.Duration.Format((long)time.TotalMilliseconds) : null,
        "tokens" => limits.Tokens?.ToString(CultureInfo.InvariantCulture),
        _ => limits.Cost is { } cost ? $"{cost.ToString(CultureInfo.InvariantCulture)} USD" : null,
    };

    private static string Quoted(string argument) => argument.Length == 0 || argument.AsSpan().ContainsAny(' ', '"') ? $"'{argument}'" : argument;
}

using ClawOS.Security.Policy.Compiling;
using ClawOS.Security.Policy.Questions;
using ClawOS.Security.Policy.Rules;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy;

/// <summary>Answers what a policy says to one act, from an index that is built once. Safe for use by several threads.</summary>
public sealed class Explainer
{
    private readonly EffectivePolicy _policy;
    private readonly Dictionary<PathAccess, PathIndex<PathRule>> _allowed;
    private readonly Dictionary<PathAccess, PathIndex<PathRule>> _denied;
    private readonly PathIndex<PathRule> _startable;
    private readonly ILookup<string, CommandRule> _commands;
    private readonly HostIndex _hosts;

    /// <param name="policy">The policy to ask.</param>
    public Explainer(EffectivePolicy policy)
    {
        _policy = policy;
        _allowed = IndexOf(policy.Paths.Where(rule => !rule.IsDenied), reachesClaw: false);
        _denied = IndexOf(policy.Paths.Where(rule => rule.IsDenied), reachesClaw: true);
        _startable = IndexOf(policy.Paths.Where(rule => rule is { IsDenied: false, IsGlob: false }), reachesClaw: false)[PathAccess.Execute];
        _commands = policy.Commands.ToLookup(rule => rule.Path, StringComparer.Ordinal);
        _hosts = new HostIndex(policy.Hosts);
    }

    /// <summary>Answers a question in words: "open-read /etc/shadow", "open-write PATH", "exec /usr/bin/git commit", "connect host:443 GET /x", "secret NAME", "syscall NAME".</summary>
    /// <param name="question">One line; quotes hold arguments together.</param>
    /// <exception cref="FormatException">It is no question, or asks about a path in another form than the kernel resolves to.</exception>
    public Explanation Explain(string question) => QuestionReader.Read(question).AskOf(this);

    /// <summary>May this file or folder be read, or written?</summary>
    /// <param name="path">Absolute, as the kernel resolves it.</param>
    /// <param name="access">Exactly one of the three.</param>
    public Explanation ExplainPath(string path, PathAccess access)
    {
        string what = access.ToString().ToLowerInvariant();
        if (_denied[access].Match(path) is { } denial)
        {
            return new Explanation(Verdict.Denied, RuleLayers.Of(denial), denial.Source, $"'{Written(denial)}' is denied");
        }

        return _allowed[access].Match(path) is { } grant
            ? new Explanation(Verdict.Allowed, RuleLayers.Of(grant), grant.Source, $"{what} of '{Written(grant)}'")
            : access == PathAccess.Read ? ExplainUngrantedRead(path)
            : new Explanation(Verdict.Denied, RuleLayers.Ungranted, null, $"no rule allows {what}");
    }

    /// <summary>The kernel opens a program for reading (fs/exec.c, do_open_execat), so who may start a file can read it; and what may only be written is mounted all the same. Patterns are AppArmor's, which tells the two apart.</summary>
    private Explanation ExplainUngrantedRead(string path)
    {
        if (_startable.Match(path) is { } executable)
        {
            return new Explanation(Verdict.Allowed, RuleLayers.Of(executable), executable.Source, $"execute of '{Written(executable)}' lets files be read; folders are not listed");
        }

        if (_commands[path].FirstOrDefault() is { NeedsApproval: true } asked)
        {
            return new Explanation(Verdict.Denied, RuleLayers.Ungranted, asked.Source, $"no rule allows read; the command '{path}' lets the file be read only where its launch was approved");
        }

        return _commands[path].FirstOrDefault() is { } command
            ? new Explanation(Verdict.Allowed, Layers.View | Layers.Landlock, command.Source, $"the command '{path}' lets the file be read")
            : new Explanation(Verdict.Denied, _allowed[PathAccess.Write].Match(path) is null ? RuleLayers.Ungranted : Layers.Landlock, null, "no rule allows read");
    }

    /// <summary>May this program be launched with these arguments?</summary>
    /// <param name="path">Of the executable, absolute, as the kernel resolves it.</param>
    /// <param name="arguments">Those behind the program's name.</param>
    public Explanation ExplainCommand(string path, IReadOnlyList<string> arguments)
    {
        Explanation executable = ExplainPath(path, PathAccess.Execute);
        if (executable.Source is not null)
        {
            return executable;
        }

        CommandRule? about = null;
        foreach (CommandRule rule in _commands[path])
        {
            if (rule.Allows(arguments))
            {
                return new Explanation(Verdict.Allowed, RuleLayers.Of(rule), rule.Source, $"the command '{path}'{(rule.HasArguments ? " with these arguments" : "")}{(rule.NeedsApproval ? ", each time the owner says yes" : "")}");
            }

            about ??= rule;
        }

        return about is null ? executable : new Explanation(Verdict.Denied, Layers.Launch, about.Source, $"the command '{path}' has other arguments");
    }

    /// <summary>May this connection be made?</summary>
    /// <param name="host">A name or an address; case and a dot at its end do not matter.</param>
    /// <param name="port">TCP, 1 to 65535.</param>
    /// <param name="method">Of the HTTP request, in upper case; null for a connection that is none.</param>
    /// <param name="path">Of the URL, without a query; null without a method.</param>
    public Explanation ExplainConnection(string host, int port, string? method, string? path)
    {
        if (_policy.Hosts.Count == 0)
        {
            return new Explanation(Verdict.Denied, Layers.Network, null, "the policy names no host");
        }

        string name = host.ToLowerInvariant().TrimEnd('.');
        (HostRule? rule, bool isAllowed) = _hosts.Find(name, port, method, path);
        string asked = string.Join(' ', new[] { $"port {port}", method, path }.Where(part => part is not null));
        return rule is null ? new Explanation(Verdict.Denied, Layers.Egress, null, $"no rule is about '{name}'")
            : isAllowed ? new Explanation(Verdict.Allowed, Layers.Egress, rule.Source, $"host '{rule.Host}', {asked}")
            : new Explanation(Verdict.Denied, Layers.Egress, rule.Source, $"host '{rule.Host}' is allowed, but not {asked}{(method is null && rule.IsHttpOnly ? " other than by HTTP" : "")}");
    }

    /// <summary>May this secret be used?</summary>
    /// <param name="name">Its name.</param>
    public Explanation ExplainSecret(string name) => Contains(_policy.Secrets, name)
        ? new Explanation(Verdict.Allowed, Layers.Egress, _policy.OriginOf(OriginKind.Secret, name), $"the secret '{name}'")
        : new Explanation(Verdict.Denied, Layers.Egress, null, $"no rule names the secret '{name}'");

    /// <summary>May this system call be made?</summary>
    /// <param name="name">Its name in the kernel, like "openat".</param>
    public Explanation ExplainSyscall(string name)
    {
        if (_policy.SyscallsOnly is { } only && !Contains(only, name))
        {
            return new Explanation(Verdict.Denied, Layers.Seccomp, _policy.OriginOf(OriginKind.Only, ""), $"'{name}' is not among the only system calls");
        }

        bool isAsked = Contains(_policy.SyscallsAsked, name), isAdded = Contains(_policy.SyscallAdditions, name);
        SourceLine? line = isAsked ? _policy.OriginOf(OriginKind.Asked, name)
            : isAdded ? _policy.OriginOf(OriginKind.Syscall, name)
            : _policy.OriginOf(OriginKind.Profile, _policy.SyscallProfile);
        string reason = isAdded ? $"'{name}' is added to the profile"
            : _policy.UsesLaunchSocket && Contains(EffectivePolicy.AskingCalls, name) ? $"the profile '{_policy.SyscallProfile}' decides about '{name}'; asking at the launch socket is let pass"
            : $"the profile '{_policy.SyscallProfile}' decides about '{name}'";
        return new Explanation(
            isAdded ? Verdict.Allowed : Verdict.ByProfile,
            isAsked ? Layers.Seccomp | Layers.Approval : Layers.Seccomp,
            line,
            isAsked ? $"{reason}{(isAdded ? ", and" : "; where it allows the call,")} each one waits for the owner's yes" : reason);
    }

    private static Dictionary<PathAccess, PathIndex<PathRule>> IndexOf(IEnumerable<PathRule> rules, bool reachesClaw)
    {
        Dictionary<PathAccess, PathIndex<PathRule>> indexes = new() { [PathAccess.Read] = new(reachesClaw), [PathAccess.Write] = new(reachesClaw), [PathAccess.Execute] = new(reachesClaw) };
        foreach (PathRule rule in rules)
        {
            PathPattern pattern = PatternOf(rule);
            foreach ((PathAccess access, PathIndex<PathRule> index) in indexes)
            {
                if (rule.Access.HasFlag(access))
                {
                    index.Add(pattern, rule);
                }
            }
        }

        return indexes;
    }

    private static PathPattern PatternOf(PathRule rule) => new(rule.Path, rule.IsTree ? PathShape.Tree : rule.IsGlob ? PathShape.Glob : PathShape.Exact);

    private static string Written(PathRule rule) => PatternOf(rule).ToString();

    private static bool Contains(IReadOnlyList<string> sorted, string name)
    {
        for (int i = 0; i < sorted.Count; i++)
        {
            if (sorted[i] == name)
            {
                return true;
            }
        }

        return false;
    }
}

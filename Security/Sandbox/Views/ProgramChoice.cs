using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox.Views;

/// <summary>Finds the program of a command, and asks the policy whether it may be launched with these arguments.</summary>
internal static class ProgramChoice
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>As deep as the kernel goes (BINPRM_MAX_RECURSION), and the loader of the last.</summary>
    private const int MostInterpreters = 6;

    /// <summary>Files of that name that are looked at: PATH may have tens of thousands of folders.</summary>
    private const int MostFound = 32;

    /// <summary>The paths to try, as the sandbox sees them; where the first of them needs the owner's yes, that file alone.</summary>
    /// <exception cref="SandboxRefusedException">There is none, or the policy does not allow it.</exception>
    internal static (IReadOnlyList<string> Paths, ApprovedLaunch? Approval) Find(EffectivePolicy policy, SandboxRequest request, string folder)
    {
        string word = request.Command.Count > 0 && request.Command[0].Length > 0 ? request.Command[0] : throw new SandboxRefusedException("no command was given");
        string search = request.Environment.GetValueOrDefault("PATH", DefaultPath);
        string[] candidates = word.Contains('/', StringComparison.Ordinal)
            ? [Path.GetFullPath(word, folder)]
            : [.. search.Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted).Select(place => Path.Combine(place, word))];
        string[] existing = [.. candidates.Distinct(StringComparer.Ordinal).Where(File.Exists).Take(MostFound)];
        if (existing.Length == 0)
        {
            throw new SandboxRefusedException($"{word}: no such program{(candidates.Length > 1 ? $" in {search}" : "")}");
        }

        Explainer? patterns = policy.Paths.Any(rule => rule.IsGlob) ? new Explainer(policy) : null;
        string[] allowed = [.. existing.Where(path => IsAllowed(policy, patterns, RealPath(path), request.Command))];
        if (allowed.Length > 0)
        {
            CheckInterpreters(policy, patterns, word, RealPath(allowed[0]));
        }

        return allowed.Length > 0 && policy.NeedsApproval(RealPath(allowed[0])) ? ([RealPath(allowed[0])], ApprovalOf(policy, RealPath(allowed[0]), request.Command))
            : allowed.Length > 0 ? ([.. allowed.Where(path => !policy.NeedsApproval(RealPath(path)))], null)
            : throw new SandboxRefusedException($"{word}: policy {policy.Name} does not let {RealPath(existing[0])} be executed{Why(policy, RealPath(existing[0]))}");
    }

    /// <summary>What the kernel starts in a program's place must be executable, too: the launch would end with no more than "permission denied".</summary>
    private static void CheckInterpreters(EffectivePolicy policy, Explainer? patterns, string word, string program)
    {
        string started = program;
        for (int depth = 0; depth < MostInterpreters && Interpreter.Of(started) is { } named; depth++)
        {
            string real = RealPath(named);
            if (!MayExecute(policy, patterns, real, approved: program))
            {
                throw new SandboxRefusedException($"{word}: policy {policy.Name} does not let {real} be executed, which the kernel starts for {started} (its loader or interpreter); add it to [paths] execute");
            }

            started = real;
        }
    }

    /// <summary>A path with every symbolic link followed, but for those of /proc: they lead elsewhere for each who asks, and for the launcher to itself.</summary>
    internal static string RealPath(string path)
    {
        string real = "/";
        Stack<string> left = new(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        for (int links = 0; left.TryPop(out string? name);)
        {
            if (name is ".")
            {
                continue;
            }

            string next = name is ".." ? Path.GetDirectoryName(real) ?? "/" : Path.Combine(real, name);
            if (name is not ".." && !IsOfProcesses(next) && new FileInfo(next).LinkTarget is { } text && links++ < 40)
            {
                next = text.StartsWith('/') ? "/" : real;
                foreach (string part in text.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                {
                    left.Push(part);
                }
            }

            real = next;
        }

        return real;
    }

    /// <summary>A yes to a file that could be another one by the time it starts would be none; and nobody who starts sandboxes looks into a mount of ClawOS.</summary>
    private static ApprovedLaunch ApprovalOf(EffectivePolicy policy, string real, IReadOnlyList<string> command)
    {
        SourceLine source = policy.Commands.First(rule => rule.NeedsApproval && rule.Path == real).Source;
        PolicyPaths paths = new(policy, real, patterns: true);
        string started = real;
        for (int depth = 0; depth <= MostInterpreters; depth++)
        {
            for (string? place = started; place is not null; place = Path.GetDirectoryName(place))
            {
                if (paths.At(place).HasFlag(PathAccess.Write))
                {
                    throw new SandboxRefusedException($"{real}: policy {policy.Name} lets {place} be written{(started == real ? "" : $", where {started} is that starts for it")}, so that nobody can say yes to what is there now ({source})");
                }
            }

            if (Interpreter.Of(started) is not { } named)
            {
                break;
            }

            started = RealPath(named);
        }

        return ForeignMounts.Find().FirstOrDefault(mount => real == mount || PolicyPaths.IsBelow(real, mount)) is { } mount
            ? throw new SandboxRefusedException($"{real}: is in the ClawOS mount {mount}; a command that needs approval is a file of the machine ({source})")
            : new ApprovedLaunch(real, [real, .. command.Skip(1)], source);
    }

    private static bool IsAllowed(EffectivePolicy policy, Explainer? patterns, string real, IReadOnlyList<string> command)
    {
        if (!MayExecute(policy, patterns, real, approved: real))
        {
            return false;
        }

        // A command whose arguments matter is never among the files that paths let execute.
        CommandRule[] rules = [.. policy.Commands.Where(rule => rule.Path == real)];
        return rules.Length == 0 || rules.Any(rule => rule.Allows([.. command.Skip(1)]));
    }

    private static bool IsOfProcesses(string path) => path == BaseView.Proc || PolicyPaths.IsBelow(path, BaseView.Proc);

    /// <summary>Patterns are in a policy only where AppArmor holds them. Nothing of /proc is a program of the machine, whatever a policy says of it.</summary>
    private static bool MayExecute(EffectivePolicy policy, Explainer? patterns, string real, string approved) => !IsOfProcesses(real)
        && ((new PolicyPaths(policy, approved).At(real) & PathAccess.Execute) != 0 || patterns?.ExplainPath(real, PathAccess.Execute).Verdict == Verdict.Allowed);

    private static string Why(EffectivePolicy policy, string real) =>
        policy.Commands.FirstOrDefault(rule => rule.Path == real) is { } rule ? $" with these arguments ({rule.Source})" : "";
}

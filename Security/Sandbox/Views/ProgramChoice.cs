using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox.Views;

/// <summary>Finds the program of a command, and asks the policy whether it may be launched with these arguments.</summary>
internal static class ProgramChoice
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>The paths to try, as the sandbox sees them.</summary>
    /// <exception cref="SandboxRefusedException">There is none, or the policy does not allow it.</exception>
    internal static IReadOnlyList<string> Find(EffectivePolicy policy, SandboxRequest request, string folder)
    {
        string word = request.Command.Count > 0 && request.Command[0].Length > 0 ? request.Command[0] : throw new SandboxRefusedException("no command was given");
        string search = request.Environment.GetValueOrDefault("PATH", DefaultPath);
        string[] candidates = word.Contains('/', StringComparison.Ordinal)
            ? [Path.GetFullPath(word, folder)]
            : [.. search.Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted).Select(place => Path.Combine(place, word))];
        string[] existing = [.. candidates.Where(File.Exists)];
        if (existing.Length == 0)
        {
            throw new SandboxRefusedException($"{word}: no such program{(candidates.Length > 1 ? $" in {search}" : "")}");
        }

        PolicyPaths paths = new(policy);
        Explainer? patterns = request.AppArmorProfile is not null && policy.Paths.Any(rule => rule.IsGlob) ? new Explainer(policy) : null;
        string[] allowed = [.. existing.Where(path => IsAllowed(policy, paths, patterns, RealPath(path), request.Command))];
        return allowed.Length > 0
            ? allowed
            : throw new SandboxRefusedException($"{word}: policy {policy.Name} does not let {RealPath(existing[0])} be executed{Why(policy, RealPath(existing[0]))}");
    }

    /// <summary>A path with every symbolic link followed.</summary>
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
            if (name is not ".." && new FileInfo(next).LinkTarget is { } text && links++ < 40)
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

    private static bool IsAllowed(EffectivePolicy policy, PolicyPaths paths, Explainer? patterns, string real, IReadOnlyList<string> command)
    {
        if (patterns is null ? (paths.At(real) & PathAccess.Execute) == 0 : patterns.ExplainPath(real, PathAccess.Execute).Verdict != Verdict.Allowed && !policy.Commands.Any(rule => rule.Path == real))
        {
            return false;
        }

        // A command whose arguments matter is never among the files that paths let execute.
        CommandRule[] rules = [.. policy.Commands.Where(rule => rule.Path == real)];
        return rules.Length == 0 || rules.Any(rule => rule.Allows([.. command.Skip(1)]));
    }

    private static string Why(EffectivePolicy policy, string real) =>
        policy.Commands.FirstOrDefault(rule => rule.Path == real) is { } rule ? $" with these arguments ({rule.Source})" : "";
}

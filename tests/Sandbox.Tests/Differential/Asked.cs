using ClawOS.Security.Policy;

namespace Sandbox.Tests.Differential;

/// <summary>What is done to a path.</summary>
internal enum Act
{
    ReadFile,
    ListFolder,
    WriteFile,
    MakeFile,
    StartProgram,
}

/// <summary>One question, which the evaluator answers from rules and a process in a sandbox by doing it.</summary>
internal sealed record Asked(Act Act, string Path)
{
    /// <summary>A question about some place of the grounds, every other time one that a rule is about.</summary>
    internal static Asked Any(Random random, Grounds grounds, EffectivePolicy policy, int number)
    {
        string[] ruled = [.. policy.Paths.Select(rule => rule.Path).Concat(policy.Commands.Select(rule => rule.Path)).Where(path => path.StartsWith(grounds.Root, StringComparison.Ordinal))];
        string near = ruled.Length > 0 && random.Next(2) == 0 ? One(random, ruled) : grounds.Root;
        return random.Next(8) switch
        {
            0 or 1 => new Asked(Act.ReadFile, Near(random, random.Next(4) == 0 ? grounds.Programs : grounds.Files, near)),
            2 => new Asked(Act.ListFolder, Near(random, grounds.Folders, near)),
            3 or 4 => new Asked(Act.WriteFile, Near(random, grounds.Files, near)),
            5 => new Asked(Act.MakeFile, $"{Near(random, grounds.Folders, near)}/new{number}"),
            _ => new Asked(Act.StartProgram, Near(random, grounds.Programs, near)),
        };
    }

    /// <summary>The evaluator's answer.</summary>
    internal Explanation Explain(Explainer explainer) => Act switch
    {
        Act.ReadFile or Act.ListFolder => explainer.Explain($"open-read {Path}"),
        Act.WriteFile or Act.MakeFile => explainer.Explain($"open-write {Path}"),
        _ => explainer.Explain($"exec {Path}"),
    };

    private static string Near(Random random, IReadOnlyList<string> places, string near)
    {
        string[] below = [.. places.Where(path => path == near || path.StartsWith(near + "/", StringComparison.Ordinal))];
        return One(random, below.Length > 0 ? below : places);
    }

    internal static T One<T>(Random random, IReadOnlyList<T> list) => list[random.Next(list.Count)];
}

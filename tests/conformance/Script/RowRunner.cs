using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Script;

/// <summary>
/// Runs a row in an empty folder (0755, of root) with umask 0. A step is "[as WHO] [NAME =] OPERATION ARGUMENTS [-> EXPECTED]".
/// Without "->" the step must succeed; EXPECTED is an errno name, "ok", or the text the operation gives; "|" separates what POSIX
/// leaves open. WHO is user, other, member (of other's group) or uid:gid[,group].
/// </summary>
public static class RowRunner
{
    /// <summary>Throws with the step that went wrong.</summary>
    public static void Run(Row row, string folder)
    {
        Identity.OnOwnThread(null, () =>
        {
            Sys.Umask(0);
            Sys.ChDir(PathBytes.FromText(folder)).Must("chdir");
            using World world = new();
            foreach (List<string> step in Tokens.Cut(row.Steps))
                Step(world, step);
        });
    }

    private static void Step(World world, List<string> words)
    {
        string text = string.Join(' ', words.Select(w => w.Length > 80 ? $"{w[..40]}...({w.Length})" : w));
        string expected = "ok";
        int arrow = words.IndexOf("->");
        if (arrow >= 0)
        {
            expected = string.Join(' ', words[(arrow + 1)..]);
            words = words[..arrow];
        }
        Identity? who = null;
        if (words[0] == "as")
        {
            who = People.Named(words[1]);
            words = words[2..];
        }
        string? keep = null;
        if (words.Count > 2 && words[1] == "=")
        {
            keep = words[0];
            words = words[2..];
        }
        Answer answer = Perform(world, who, words);
        if (!Matches(answer, expected))
            throw new ConformanceException($"{text}\n  expected {expected}, got {answer.Text}");
        if (keep is not null && !answer.IsError)
            world.Keep(keep, answer.Descriptor);
        else if (answer.Descriptor >= 0)
            Sys.Close((int)answer.Descriptor);
    }

    private static Answer Perform(World world, Identity? who, List<string> words)
    {
        if (!Operations.All.TryGetValue(words[0], out Operation? operation))
            throw new FormatException($"unknown operation {words[0]}");
        string[] arguments = [.. words.Skip(1)];
        if (who is null)
            return operation(world, arguments);
        Answer answer = default;
        Identity.OnOwnThread(who, () => answer = operation(world, arguments));
        return answer;
    }

    private static bool Matches(Answer answer, string expected) =>
        expected.Split('|').Any(e => e == "ok" ? !answer.IsError : e == answer.Text);
}

/// <summary>A step did not do what its row says.</summary>
public sealed class ConformanceException(string message) : Exception(message);

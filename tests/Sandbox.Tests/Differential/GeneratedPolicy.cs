using System.Text;
using ClawOS.Security.Policy;

namespace Sandbox.Tests.Differential;

/// <summary>Policies in the policy language about some grounds: rules that overlap, deny within what is allowed, and name folders, trees and files.</summary>
internal static class GeneratedPolicy
{
    /// <summary>The next policy that compiles; those with a rule that can never take effect do not.</summary>
    /// <param name="random">Its source.</param>
    /// <param name="grounds">What the rules are about.</param>
    /// <param name="text">Receives the policy as it was written.</param>
    internal static EffectivePolicy Next(Random random, Grounds grounds, out string text)
    {
        while (true)
        {
            text = Write(random, grounds);
            PolicySet set = PolicySet.Shipped.With([("generated.toml", PolicyFile.Parse(text, "generated.toml"))]);
            if (set.Compile("generated").Policy is { } policy)
                return policy;
        }
    }

    private static string Write(Random random, Grounds grounds)
    {
        StringBuilder text = new("[paths]\n");
        List(text, "read", ["/usr/**", .. Some(random, grounds, 5)]);
        List(text, "write", Some(random, grounds, 4));
        List(text, "execute", ["/usr/**", .. Some(random, grounds, 3)]);
        List(text, "deny", Some(random, grounds, 2));
        List(text, "deny_write", Some(random, grounds, 2));
        foreach (string program in Enumerable.Range(0, random.Next(3)).Select(_ => Asked.One(random, grounds.Programs)).Distinct())
            _ = text.Append($"[[command]]\npath = \"{program}\"\n");
        return text.Append("[syscalls]\nprofile = \"default\"\n").ToString();
    }

    private static void List(StringBuilder text, string key, IEnumerable<string> items)
    {
        string[] paths = [.. items.Distinct()];
        if (paths.Length > 0)
            _ = text.Append($"{key} = [{string.Join(", ", paths.Select(path => $"\"{path}\""))}]\n");
    }

    private static IEnumerable<string> Some(Random random, Grounds grounds, int most)
    {
        for (int left = random.Next(most + 1); left > 0; left--)
        {
            int shape = random.Next(10);
            yield return shape < 5 ? Asked.One(random, grounds.Folders) + "/**"
                : shape < 8 ? Asked.One(random, grounds.Files)
                : shape == 8 ? Asked.One(random, grounds.Programs)
                : Asked.One(random, grounds.Folders);
        }
    }
}

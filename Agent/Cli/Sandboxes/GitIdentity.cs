using System.ComponentModel;
using System.Diagnostics;

namespace ClawOS.Cli.Sandboxes;

/// <summary>Who commits: the caller's name and address, which git in a sandbox cannot look up, because it has no home there.</summary>
internal static class GitIdentity
{
    private const int Limit = 2000; // milliseconds

    /// <summary>
    /// As the variables that git reads, in the place of user.name and user.email of the caller's own configuration; none where it has no such thing, where the workspace's
    /// repository says another, or there is no git.
    /// </summary>
    internal static IEnumerable<KeyValuePair<string, string>> Variables(string workspace)
    {
        Dictionary<string, string> own = Configured("--global");
        string repository = Path.Combine(workspace, ".git/config");
        // Asked without what it includes: whoever wrote it shall not choose what else is read.
        Dictionary<string, string> local = own.Count > 0 && File.Exists(repository) ? Configured("--no-includes", "--file", repository) : [];
        foreach ((string key, string value) in own.Where(pair => !local.ContainsKey(pair.Key)))
        {
            string name = key == "user.name" ? "NAME" : "EMAIL";
            yield return new($"GIT_AUTHOR_{name}", value);
            yield return new($"GIT_COMMITTER_{name}", value);
        }
    }

    private static Dictionary<string, string> Configured(params string[] where)
    {
        try
        {
            using Process? git = Process.Start(new ProcessStartInfo("git", ["config", .. where, "--get-regexp", "^user\\.(name|email)$"]) { WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardError = true });
            if (git is null || !git.WaitForExit(Limit))
            {
                git?.Kill();
                return [];
            }

            Dictionary<string, string> found = [];
            foreach (string[] pair in git.StandardOutput.ReadToEnd().Split('\n').Select(static line => line.Split(' ', 2)).Where(static pair => pair.Length == 2))
            {
                found[pair[0]] = pair[1]; // Of several the last counts, as for git.
            }

            return found;
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            return []; // No git here.
        }
    }
}

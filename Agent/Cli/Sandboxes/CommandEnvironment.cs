namespace ClawOS.Cli.Sandboxes;

/// <summary>The environment of a sandboxed command: little of the caller's, so that no token goes along by accident.</summary>
internal static class CommandEnvironment
{
    private static readonly string[] Passed = ["LANG", "LC_ALL", "LC_CTYPE", "TERM", "COLORTERM", "NO_COLOR", "TZ"];

    /// <summary>A fixed PATH, a HOME in the scratch folder, what says how text is shown, who commits, and what the user names.</summary>
    /// <param name="named">NAME to pass the caller's, NAME=VALUE to set one.</param>
    /// <param name="workspace">Where it works: its repository may name who commits.</param>
    /// <exception cref="CliException">A name is empty, or the caller has no such variable.</exception>
    internal static IReadOnlyDictionary<string, string> Of(IEnumerable<string> named, string workspace)
    {
        Dictionary<string, string> variables = new() { ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", ["HOME"] = "/tmp" };
        foreach (string name in Passed)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                variables[name] = value;
            }
        }

        foreach ((string name, string value) in GitIdentity.Variables(workspace))
        {
            variables[name] = value;
        }

        foreach (string text in named)
        {
            int sign = text.IndexOf('=', StringComparison.Ordinal);
            string name = sign < 0 ? text : text[..sign];
            if (name.Length == 0)
            {
                throw new CliException(ExitCodes.Usage, $"--env {text}: has no name");
            }

            variables[name] = sign >= 0 ? text[(sign + 1)..]
                : Environment.GetEnvironmentVariable(name) ?? throw new CliException(ExitCodes.Usage, $"--env {name}: there is no such variable; --env {name}=VALUE sets one");
        }

        return variables;
    }
}

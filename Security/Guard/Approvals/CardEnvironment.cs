using ClawOS.Security.GuardLink;

namespace ClawOS.Security.Guard;

/// <summary>
/// The environment on a card. It changes what a program does, and who asks chooses it: variables that are known to have a program load or start something else come on a line of their own, so that they are not
/// lost among many. That a variable is not there says nothing: every program may have its own.
/// </summary>
internal static class CardEnvironment
{
    private static readonly string[] Beginnings = ["LD_", "DYLD_", "GIT_", "PYTHON", "PERL", "RUBY", "NODE_", "JAVA_", "JDK_", "DOTNET_", "CORECLR_", "LUA_", "BASH_FUNC_", "npm_config_"];
    private static readonly string[] Names = ["BASH_ENV", "ENV", "SHELL", "IFS", "EDITOR", "VISUAL", "PAGER", "BROWSER", "GCONV_PATH", "LOCPATH", "NLSPATH", "_JAVA_OPTIONS", "CLASSPATH", "PS4", "PROMPT_COMMAND", "SSH_ASKPASS", "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"];
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The lines: those that steer, where there are any, before the others.</summary>
    internal static IEnumerable<CardField> Fields(IReadOnlyDictionary<string, string> environment)
    {
        ILookup<bool, string> texts = environment.ToLookup(static variable => Steers(variable.Key, variable.Value), static variable => $"{variable.Key}={variable.Value}");
        return [.. texts[true].Any() ? (CardField[])[CardField.Of("steered_by", [.. texts[true]])] : [], CardField.Of("environment", [.. texts[false]])];
    }

    /// <summary>PATH is the machine's own, or steers.</summary>
    private static bool Steers(string name, string value) =>
        name == "PATH" ? value.Split(':').Except(Folders).Any()
        : Names.Contains(name) || Array.Exists(Beginnings, beginning => name.StartsWith(beginning, StringComparison.Ordinal));
}

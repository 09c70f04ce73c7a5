using ClawOS.Cli.Mounts;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Sandboxes;

/// <summary>What a policy allows and its owner may not have meant: a command that can write there reaches past its sandbox by what programs outside do with it later.</summary>
internal static class RunWarnings
{
    /// <summary>A line each.</summary>
    /// <param name="policy">What is allowed.</param>
    /// <param name="origin">Where the policy was found: the path of its file, or other words.</param>
    internal static IEnumerable<string> Of(EffectivePolicy policy, string origin)
    {
        Explainer explainer = new(policy);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (home.Length > 0 && Directory.Exists(home) && MayWrite($"{RealPath.Of(home)}/.profile"))
        {
            yield return $"{home} is your home folder, and the policy lets it be written: what shells, ssh and git start from there runs outside of the sandbox";
        }

        // A file in a policy's folder goes before the policy of its name that comes with claw.
        if (File.Exists(origin) && RealPath.Of(origin) is var file && (MayWrite(file) || MayWrite($"{Path.GetDirectoryName(file)}/parent{PolicyFile.Extension}")))
        {
            yield return $"{origin}: the policy lets its own file be written, or what it could extend: the command can give the next one more";
        }

        bool MayWrite(string path) => explainer.ExplainPath(path, PathAccess.Write).Verdict == Verdict.Allowed;
    }
}

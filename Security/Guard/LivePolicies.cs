using System.Text;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Guard;

/// <summary>One version of the policies that are live, parsed once.</summary>
public sealed class LivePolicies
{
    private readonly Dictionary<string, PolicyReading> readings = new(StringComparer.Ordinal);
    private readonly PolicySet set;

    /// <summary>Parses them. A file that cannot be read is an error only to who asks for its policy.</summary>
    /// <param name="files">What fs published.</param>
    public LivePolicies(PolicyFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        Files = files;
        foreach ((string name, string text) in files.Files.Where(static file => file.Name.EndsWith(PolicyFile.Extension, StringComparison.Ordinal)))
        {
            readings[name[..^PolicyFile.Extension.Length]] = PolicyFile.Parse(text, name);
        }

        // What comes with the program does not count: a store's policies are all that its owner wants.
        set = PolicySet.Empty.With(readings.Select(static pair => (pair.Key, pair.Value)));
    }

    /// <summary>What they were parsed from.</summary>
    public PolicyFiles Files { get; }

    /// <summary>Compiles a policy.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="workspace">What $WORKSPACE stands for.</param>
    /// <param name="appArmor">Whether the sandbox runs in an AppArmor profile, so that the policy may have patterns of paths.</param>
    /// <returns>The policy, or why there is none.</returns>
    public (EffectivePolicy? Policy, string Reason) Compile(string name, string workspace, bool appArmor = false)
    {
        if (!readings.ContainsKey(name))
        {
            return (null, $"there is no policy '{name}'");
        }

        try
        {
            PolicyCompilation compiled = set.Compile(name, new CompileOptions { Workspace = workspace, Layers = appArmor ? Layers.Stock | Layers.AppArmor : Layers.Stock });
            return (compiled.Policy, compiled.Policy is null ? $"the policy '{name}' is refused: {compiled.Errors[0].File}:{compiled.Errors[0].Line}:{compiled.Errors[0].Column}: {compiled.Errors[0].Message}" : "");
        }
        catch (ArgumentException error)
        {
            return (null, error.Message);
        }
    }

    /// <summary>Whether a policy is another one, or narrows it through its parents.</summary>
    public bool IsWithin(string name, string of)
    {
        for (int steps = 0; steps <= readings.Count; steps++)
        {
            if (name == of)
            {
                return true;
            }

            if (!readings.TryGetValue(name, out PolicyReading? reading) || reading.File?.Extends is not { } parent)
            {
                return false;
            }

            name = parent;
        }

        return false;
    }

    /// <summary>What guard has before fs has said anything: none.</summary>
    internal static LivePolicies None { get; } = new(new PolicyFiles(0, PolicyMode.Enforce, []));
}

using ClawFS.Store;
using ClawFS.Vfs;
using ClawOS.Security.Policy;
using ClawOS.Security.Trees;

namespace ClawOS.Cli.Services;

/// <summary>The policies of whatever store is open, and the tree that shows them.</summary>
internal sealed class PolicyHost
{
    private readonly MountedStore mounted;

    internal PolicyHost(MountedStore mounted, Layers layers, Action<string> report)
    {
        this.mounted = mounted;
        ErrorLog errors = new();
        Policies = new LivePolicies(new StoredPolicies(mounted), line =>
        {
            report(line);
            errors.Add(PolicyFolder.FileName, 0, line);
        }, layers);
        Folder = PolicyFolder.Build(Policies, errors);
    }

    /// <summary>What is in effect, and who is told of it.</summary>
    internal LivePolicies Policies { get; }

    /// <summary>`policy/`.</summary>
    internal GeneratedFolder Folder { get; }

    /// <summary>Shows the policies of the store that is open, and follows it from then on. Not before root is given up: what it makes in the store must be fs's own.</summary>
    internal void Start()
    {
        mounted.Changing += Follow;
        Follow(mounted.Current);
    }

    private void Follow(ClawStore? store)
    {
        if (store is null)
        {
            Policies.Close();
        }
        else
        {
            Policies.Open();
        }
    }
}

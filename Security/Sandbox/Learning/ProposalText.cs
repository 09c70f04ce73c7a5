using System.Globalization;
using System.Text;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox.Views;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>Writes a proposal as a policy file, with the reason behind each line.</summary>
internal static class ProposalText
{
    private const string Workspace = "$WORKSPACE";

    /// <param name="recording">What was seen.</param>
    /// <param name="proposal">What it comes to.</param>
    /// <param name="calls">What it says of system calls.</param>
    /// <param name="workspace">What $WORKSPACE stands for.</param>
    /// <param name="limits">Those of a base policy, as lines of TOML.</param>
    /// <param name="top">What a base policy says above every table, as lines of TOML.</param>
    internal static string Write(Recording recording, PolicyProposal proposal, ProposedCalls calls, string workspace, IReadOnlyList<string> limits, string top)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Learned by claw policy learn from {recording.Runs} {(recording.Runs == 1 ? "run" : "runs")}, {recording.Calls.Count} different system calls. It allows what was seen and nothing else:\n");
        text.Append("# what another run does beyond that is denied. Read it before you use it: what was seen is not always what is wanted.\n");
        foreach (string line in proposal.LeftOut.Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"# left out: {line}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"description = \"Learned from what a command did.\"\n{top}\n[paths]\n");
        List(text, "read", proposal.Read.Items, workspace);
        List(text, "write", proposal.Write.Items, workspace);
        List(text, "execute", proposal.Programs.Items.Concat(proposal.Execute.Items.Where(item => !proposal.Programs.Covers(item.Path))), workspace);
        foreach ((string key, PathAccess access) in ((string, PathAccess)[])[("deny", PathAccess.All), ("deny_write", PathAccess.Write)])
        {
            List(text, key, proposal.Denials.Where(rule => rule.Access == access).Select(rule => (rule.Path, rule.IsTree, "denied by the base policy")), workspace);
        }

        foreach (string host in recording.Hosts)
        {
            int colon = host.LastIndexOf(':');
            text.Append(CultureInfo.InvariantCulture, $"\n# An address is all that a connection shows: put the name of the host here.\n[[host]]\nname = \"{host[..colon]}\"\nports = [{host[(colon + 1)..]}]\n");
        }

        calls.Write(text, recording.Calls);
        if (limits.Count > 0)
        {
            text.Append("\n# The base policy's.\n[limits]\n").AppendJoin('\n', limits).Append('\n');
        }

        return text.ToString();
    }

    private static void List(StringBuilder text, string key, IEnumerable<(string Path, bool IsTree, string Reason)> items, string workspace)
    {
        (string Written, string Reason)[] lines = [.. items.Select(item => ($"\"{Short(item.Path, workspace)}{(item.IsTree ? "/**" : "")}\",", item.Reason)).DistinctBy(line => line.Item1)];
        if (lines.Length == 0)
        {
            return;
        }

        int width = lines.Max(line => line.Written.Length);
        text.Append(CultureInfo.InvariantCulture, $"{key} = [\n");
        foreach ((string written, string reason) in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {written.PadRight(width)} # {reason}\n");
        }

        text.Append("]\n");
    }

    private static string Short(string path, string workspace) =>
        path == workspace ? Workspace : PolicyPaths.IsBelow(path, workspace) ? Workspace + path[workspace.Length..] : path;
}

using ClawOS.Cli.Terminal;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Learning;

namespace ClawOS.Cli.Sandboxes;

/// <summary>Runs a command that its policy does not stop, and prints what that would have denied when it has ended.</summary>
internal static class AuditedCommand
{
    /// <param name="policy">The policy, compiled for the workspace.</param>
    /// <param name="request">The command; its folder is the workspace.</param>
    internal static SandboxResult Run(EffectivePolicy policy, SandboxRequest request)
    {
        AuditRun audit = new(policy, request.Folder!);
        SandboxResult result = audit.Run([LauncherProgram.Find()], request, SandboxStreams.Own());
        foreach (AuditedAct act in audit.Denied)
        {
            Out.Warn($"run: audit: {act}");
        }

        Out.Warn($"run: audit: {audit.Denied.Count} {(audit.Denied.Count == 1 ? "kind" : "kinds")} of acts would have been denied by {policy.Name}");
        return result;
    }
}

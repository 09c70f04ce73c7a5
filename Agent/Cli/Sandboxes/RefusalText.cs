using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Sandbox;

namespace ClawOS.Cli.Sandboxes;

/// <summary>One line for a step of the launcher that failed, with what it was about and what may help.</summary>
internal static class RefusalText
{
    internal static string Of(SandboxPlan plan, SandboxResult result)
    {
        string reason = $"{Marshal.GetPInvokeErrorMessage((int)result.Error)} ({result.Error})";
        return result.Step switch
        {
            LaunchStep.Execute when result.Error == Errno.EACCES => $"{plan.Programs[0]}: {reason}; the program, its interpreter or its loader may not be executed by this policy",
            LaunchStep.Execute when result.Error == Errno.ENOENT => $"{plan.Programs[0]}: {reason}; the program, its interpreter or its loader is not in the policy's paths",
            LaunchStep.Execute => $"{plan.Programs[0]}: {reason}",
            LaunchStep.EnterFolder => $"{plan.Folder}: {reason}; the policy does not grant the working folder",
            LaunchStep.OpenSource or LaunchStep.Mount when result.Item < plan.View.Count => $"{plan.View[result.Item].Target}: cannot be laid into the sandbox: {reason}",
            LaunchStep.CheckStreams => $"standard {((string[])["input", "output", "error"])[result.Item]}: {reason}; a command with an open folder could walk out of its view by it; redirect from a file or from /dev/null",
            LaunchStep.Clone => $"new namespaces: {reason}; user namespaces may be switched off (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)",
            LaunchStep.MapUsers => $"user namespace: {reason}; kernel.apparmor_restrict_unprivileged_userns may forbid it",
            _ => $"step {result.Step} failed: {reason}",
        };
    }
}

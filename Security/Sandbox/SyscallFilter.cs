using System.Runtime.InteropServices;
using ClawOS.Security.Policy;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox;

/// <summary>The filter of a policy's profile of system calls, with what the policy adds, for this machine's processor.</summary>
internal static class SyscallFilter
{
    /// <exception cref="SandboxRefusedException">There is no such profile or call: a command never runs with less than its policy says.</exception>
    internal static byte[] Of(EffectivePolicy policy)
    {
        if (!ShippedProfiles.Names.Contains(policy.SyscallProfile))
        {
            throw new SandboxRefusedException($"policy {policy.Name}: no profile of system calls '{policy.SyscallProfile}'; there are {string.Join(", ", ShippedProfiles.Names)}");
        }

        try
        {
            SeccompProfile profile = ShippedProfiles.Load(policy.SyscallProfile);
            return SeccompCompiler.Compile(
                policy.SyscallAdditions.Count == 0 ? profile : profile.Allowing([.. policy.SyscallAdditions], $"added by policy {policy.Name}"),
                RuntimeInformation.ProcessArchitecture);
        }
        catch (SeccompException error)
        {
            throw new SandboxRefusedException($"policy {policy.Name}: {error.Message}");
        }
    }
}

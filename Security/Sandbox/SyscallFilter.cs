using System.Runtime.InteropServices;
using ClawOS.Security.Policy;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox;

/// <summary>The filter of a policy's profile of system calls, with what the policy adds, for this machine's processor.</summary>
internal static class SyscallFilter
{
    internal static byte[] Of(SeccompProfile profile) => SeccompCompiler.Compile(profile, RuntimeInformation.ProcessArchitecture);

    /// <summary>The profile that a policy names, with what it adds.</summary>
    /// <exception cref="SeccompException">There is no such call.</exception>
    /// <exception cref="ArgumentException">There is no such profile.</exception>
    internal static SeccompProfile ProfileOf(EffectivePolicy policy)
    {
        SeccompProfile profile = ShippedProfiles.Load(policy.SyscallProfile);
        return policy.SyscallAdditions.Count == 0 ? profile : profile.Allowing([.. policy.SyscallAdditions], $"added by policy {policy.Name}");
    }

    /// <exception cref="SandboxRefusedException">There is no such profile or call: a command never runs with less than its policy says.</exception>
    internal static byte[] Of(EffectivePolicy policy)
    {
        if (!ShippedProfiles.Names.Contains(policy.SyscallProfile))
        {
            throw new SandboxRefusedException($"policy {policy.Name}: no profile of system calls '{policy.SyscallProfile}'; there are {string.Join(", ", ShippedProfiles.Names)}");
        }

        try
        {
            return Of(ProfileOf(policy));
        }
        catch (SeccompException error)
        {
            throw new SandboxRefusedException($"policy {policy.Name}: {error.Message}");
        }
    }
}

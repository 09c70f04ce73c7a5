using System.Runtime.InteropServices;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox.Layout;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox;

/// <summary>The filter of a policy's profile of system calls, with what the policy adds, leaves out and asks about, for this machine's processor.</summary>
internal static class SyscallFilter
{
    private const int NotPermitted = 1; // EPERM

    internal static byte[] Of(SeccompProfile profile) => SeccompCompiler.Compile(profile, RuntimeInformation.ProcessArchitecture);

    /// <summary>The profile that a policy names, with what it adds, and of those only what it lets stand; calls that wait for the owner's yes are told to the supervisor.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="isSupervised">Whether somebody answers those calls; else they are refused.</param>
    /// <exception cref="SeccompException">There is no such call.</exception>
    /// <exception cref="ArgumentException">There is no such profile.</exception>
    internal static SeccompProfile ProfileOf(EffectivePolicy policy, bool isSupervised = true)
    {
        SeccompProfile profile = ShippedProfiles.Load(policy.SyscallProfile);
        profile = policy.SyscallAdditions.Count == 0 ? profile : profile.Allowing([.. policy.SyscallAdditions], $"added by policy {policy.Name}");
        profile = policy.UsesLaunchSocket ? Asking(profile) : profile;
        profile = policy.SyscallsOnly is { } only ? profile.Only([.. only]) : profile;
        if (policy.SyscallsAsked.Count == 0)
        {
            return profile;
        }

        return isSupervised
            ? profile
                .Answering([.. policy.SyscallsAsked], FilterAction.Of(ActionKind.UserNotify), $"asked about by policy {policy.Name}")
                .AllowingWhere("sendmsg", [new ArgumentTest(0, Comparison.Equal, PlanLayout.HandOverDescriptor)], "The hand-over of the listener itself.")
            : profile.Answering([.. policy.SyscallsAsked], FilterAction.Refuse(NotPermitted), $"asked about by policy {policy.Name}, and nobody is there to answer");
    }

    /// <summary>What asking at a launch socket takes, which a policy that has something to ask for gives: local sockets, and of them the one kind that it speaks.</summary>
    private static SeccompProfile Asking(SeccompProfile profile)
    {
        const ulong Word = 0xFFFFFFFF, LocalFamily = 1, SeqPacket = 5, TypeFlags = 0x80800; // SOCK_CLOEXEC and SOCK_NONBLOCK stand in the same argument.
        const string Reason = "asking at the launch socket", Socket = "socket";
        return profile.Allowing([.. EffectivePolicy.AskingCalls.Where(static name => name != Socket)], Reason).AllowingWhere(
            Socket,
            [new ArgumentTest(0, Comparison.MaskedEqual, Word, LocalFamily), new ArgumentTest(1, Comparison.MaskedEqual, Word & ~TypeFlags, SeqPacket)],
            Reason);
    }

    /// <exception cref="SandboxRefusedException">There is no such profile or call: a command never runs with less than its policy says.</exception>
    internal static byte[] Of(EffectivePolicy policy, bool isSupervised)
    {
        if (!ShippedProfiles.Names.Contains(policy.SyscallProfile))
        {
            throw new SandboxRefusedException($"policy {policy.Name}: no profile of system calls '{policy.SyscallProfile}'; there are {string.Join(", ", ShippedProfiles.Names)}");
        }

        try
        {
            return Of(ProfileOf(policy, isSupervised));
        }
        catch (SeccompException error)
        {
            throw new SandboxRefusedException($"policy {policy.Name}: {error.Message}");
        }
    }
}

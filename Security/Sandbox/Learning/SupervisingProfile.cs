using System.Runtime.InteropServices;
using ClawOS.Security.Sandbox.Layout;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>The profile of a run that is watched: every call is told, but for those that every program makes and that name nothing.</summary>
internal static class SupervisingProfile
{
    /// <summary>Calls that are not told. Each belongs to what every start needs, so that a proposal has it in any case: what they do not tell, it does not miss.</summary>
    internal static IReadOnlyList<string> Silent { get; } =
        ["read", "write", "close", "close_range", "exit", "exit_group", "rt_sigreturn", "restart_syscall", "futex", "brk", "munmap", "pread64", "rt_sigaction", "rt_sigprocmask", "fstat", "getrandom", "rseq", "set_robust_list", "set_tid_address"];

    internal static SeccompProfile Make()
    {
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";
        string names = string.Join(", ", Silent.Select(name => $"\"{name}\""));
        return SeccompProfile.Parse(
            $$"""
            {
              "defaultAction": "SCMP_ACT_NOTIFY",
              "architectures": ["{{architecture}}"],
              "syscalls": [
                { "comment": "Every start needs them, and they name nothing.", "names": [{{names}}], "action": "SCMP_ACT_ALLOW" },
                { "comment": "The hand-over of the listener itself.", "names": ["sendmsg"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": {{PlanLayout.HandOverDescriptor}}, "op": "SCMP_CMP_EQ" }] }
              ]
            }
            """,
            "supervising");
    }
}

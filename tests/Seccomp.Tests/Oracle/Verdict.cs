using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp.Tests.Oracle;

/// <summary>What a filter is to return for a call, from the profile alone.</summary>
internal static class Verdict
{
    internal const uint Kill = 0x80000000, Allow = 0x7FFF0000;
    internal const uint AuditX64 = 0xC000003E, AuditArm64 = 0xC00000B7, AuditI386 = 0x40000003;

    internal static uint Audit(Architecture architecture) => architecture == Architecture.X64 ? AuditX64 : AuditArm64;

    internal static uint Of(SeccompProfile profile, Architecture architecture, Call call) =>
        call.Architecture != Audit(architecture) || (architecture == Architecture.X64 && call.Number >= 0x40000000)
            ? Kill
            : profile.Decide(architecture, (int)call.Number, call.Arguments).Action.ReturnValue;
}

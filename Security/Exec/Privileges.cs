using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>Who the processes of the sandbox are, and that they have no right to anything that a user has not.</summary>
internal static unsafe class Privileges
{
    private const int DropFromBoundingSet = 24, SetSecureBits = 28, ForbidNew = 38, Ambient = 47, ClearAmbient = 4;
    private const int MostCapabilities = 64;

    /// <summary>_LINUX_CAPABILITY_VERSION_3, and 0: this process.</summary>
    private const ulong Version3 = 0x20080522;

    /// <summary>
    /// NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE, these and KEEP_CAPS locked (capabilities(7)): uid 0 means nothing in here, and taking another uid
    /// does not drop the capabilities that the mounts still need.
    /// </summary>
    private const int SecureBits = 0xEF;

    /// <summary>Takes the uid and gid that the user namespace knows.</summary>
    internal static bool TakeIdentity(nint uid, nint gid) =>
        Kernel.Call(CallNumber.Prctl, SetSecureBits, SecureBits) == 0
        && Kernel.Call(CallNumber.Setresgid, gid, gid, gid) == 0
        && Kernel.Call(CallNumber.Setresuid, uid, uid, uid) == 0;

    /// <summary>Keeps the capabilities of a mask, effective and permitted; none can come back at exec.</summary>
    internal static bool Keep(ulong capabilities)
    {
        ulong header = Version3;
        uint low = (uint)capabilities, high = (uint)(capabilities >> 32);
        uint* sets = stackalloc uint[] { low, low, 0, high, high, 0 };
        return Kernel.Call(CallNumber.Prctl, Ambient, ClearAmbient) == 0
            && Kernel.Call(CallNumber.Capset, (nint)(&header), (nint)sets) == 0
            && Kernel.Call(CallNumber.Prctl, ForbidNew, 1) == 0;
    }

    /// <summary>Drops every capability from every set, and forbids that a program brings one back.</summary>
    internal static void Drop(LaunchContext* context)
    {
        // EINVAL is the first number that this kernel does not have.
        int capability = 0;
        while (capability < MostCapabilities && Kernel.Call(CallNumber.Prctl, DropFromBoundingSet, capability) == 0)
        {
            capability++;
        }

        ulong header = Version3;
        ulong* nothing = stackalloc ulong[] { 0, 0, 0 };
        if (Kernel.Error != Kernel.EINVAL
            || Kernel.Call(CallNumber.Prctl, Ambient, ClearAmbient) != 0
            || Kernel.Call(CallNumber.Capset, (nint)(&header), (nint)nothing) != 0)
        {
            FirstProcess.Fail(context, LaunchStep.DropCapabilities);
        }

        if (Kernel.Call(CallNumber.Prctl, ForbidNew, 1) != 0)
        {
            FirstProcess.Fail(context, LaunchStep.ForbidPrivileges);
        }
    }
}

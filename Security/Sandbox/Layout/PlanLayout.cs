namespace ClawOS.Security.Sandbox.Layout;

/// <summary>
/// Where things stand in the bytes of a plan, which claw-exec uses in place (docs/sandbox-plan.md has the table). This file is compiled into
/// both: the library that writes plans and the launcher that reads them. Numbers are little-endian; texts end with a zero byte.
/// </summary>
internal static class PlanLayout
{
    /// <summary>"CLXP" as bytes.</summary>
    internal const uint Magic = 0x50584C43;

    /// <summary>The only version that this launcher reads.</summary>
    internal const uint Version = 1;

    /// <summary>Bytes of the header.</summary>
    internal const int HeaderSize = 144;

    /// <summary>The largest plan in bytes.</summary>
    internal const int MaxSize = 4 << 20;

    // Offsets in the header.
    internal const int MagicAt = 0, VersionAt = 4, SizeAt = 8, FlagsAt = 12;
    internal const int InsideUidAt = 16, OutsideUidAt = 20, InsideGidAt = 24, OutsideGidAt = 28;
    internal const int MillisecondsAt = 32, LandlockVersionAt = 36, StageAt = 40, HostNameAt = 44, FolderAt = 48, TransitionAt = 52;
    internal const int HandledFilesAt = 56, HandledNetAt = 64, ScopesAt = 72;

    // Tables: offset and count, 4 bytes each.
    internal const int MountsAt = 80, ProgramsAt = 88, ArgumentsAt = 96, EnvironmentAt = 104;
    internal const int PathRulesAt = 112, FiltersAt = 120, LimitsAt = 128, CgroupsAt = 136;

    // Bytes of one entry of each table; those without a name are 4.
    internal const int MountSize = 32, PathRuleSize = 16, FilterSize = 8, LimitSize = 24, ReferenceSize = 4;

    // A mount: kind, source, target, attributes, mode, option.
    internal const int MountKindAt = 0, MountSourceAt = 4, MountTargetAt = 8, MountAttributesAt = 12, MountModeAt = 16, MountOptionAt = 20;

    /// <summary>The command leads a session of its own: it has no terminal to control.</summary>
    internal const uint NewSession = 1;

    /// <summary>The terminal's interrupt and quit keys are for the command alone; claw-exec ignores them.</summary>
    internal const uint Interactive = 2;

    /// <summary>The loopback device of the network namespace is switched on.</summary>
    internal const uint Loopback = 4;

    /// <summary>The last filter tells its calls to a listener, whose descriptor the command's process sends over the socket behind the control groups' descriptors.</summary>
    internal const uint Supervised = 8;

    /// <summary>Every flag that this launcher knows.</summary>
    internal const uint KnownFlags = NewSession | Interactive | Loopback | Supervised;

    /// <summary>The descriptor from which claw-exec reads the plan.</summary>
    internal const int PlanDescriptor = 3;

    /// <summary>The descriptor to which it writes the result.</summary>
    internal const int ResultDescriptor = 4;

    /// <summary>The first of the descriptors of control groups (cgroup.procs or tasks files).</summary>
    internal const int FirstCgroupDescriptor = 5;

    /// <summary>Flag of the last control group: not a file but the folder of the group, of version 2, that the entry before it enters. Process 1 is made in it, where the kernel does that.</summary>
    internal const uint CgroupFolder = 0x8000_0000;

    /// <summary>The number under which the command's process has the socket when it sends the listener: the one call, sendmsg on this descriptor, that the last filter must let pass.</summary>
    internal const int HandOverDescriptor = 1000;

    /// <summary>"CLXR" as bytes: the result record begins with it.</summary>
    internal const uint ResultMagic = 0x52584C43;

    /// <summary>Bytes of the result record: magic, reason, code, step, errno, item.</summary>
    internal const int ResultSize = 24;
}

using ClawFS.Linux;

namespace ClawOS.Security.Sandbox;

/// <summary>The one user and group of a sandbox.</summary>
/// <param name="Uid">The uid that its processes see.</param>
/// <param name="Gid">The gid that they see.</param>
/// <param name="OutsideUid">The uid of the machine that it stands for. Without root it is the caller's own.</param>
/// <param name="OutsideGid">The gid of the machine.</param>
public readonly record struct SandboxUser(uint Uid, uint Gid, uint OutsideUid, uint OutsideGid)
{
    /// <summary>The caller, under the same numbers.</summary>
    public static SandboxUser Caller => new(ProcessIdentity.Uid, ProcessIdentity.Gid, ProcessIdentity.Uid, ProcessIdentity.Gid);
}

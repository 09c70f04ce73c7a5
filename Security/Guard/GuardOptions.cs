namespace ClawOS.Security.Guard;

/// <summary>What guard is started with.</summary>
/// <param name="Mount">The mount point.</param>
/// <param name="Launcher">Path of claw-exec.</param>
/// <param name="OwnerUid">The user to whom the mount belongs, and whom sandboxes that guard starts stand for.</param>
/// <param name="OwnerGid">That user's group.</param>
/// <param name="Report">Told what goes wrong, a line each.</param>
public sealed record GuardOptions(string Mount, string Launcher, uint OwnerUid, uint OwnerGid, Action<string> Report)
{
    /// <summary>Folders that no sandbox gets: <see cref="Sandbox.SandboxRequest.Withheld"/>.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];

    /// <summary>How long something waits for the owner's word.</summary>
    internal TimeSpan ApprovalLifetime { get; init; } = ApprovalTable.Lifetime;
}

using ClawFS.Supervisor;

namespace ClawOS.Cli.Services;

/// <summary>What fs is started with; the supervisor writes these arguments.</summary>
/// <param name="Mount">The mount point, for messages: fs never opens it.</param>
/// <param name="Store">The store folder.</param>
/// <param name="Credential">What kind of secret comes over the credential descriptor.</param>
/// <param name="OwnerUid">The user to whom the mount belongs.</param>
/// <param name="OwnerGid">That user's group.</param>
/// <param name="ReadOnly">Whether nothing may be written.</param>
/// <param name="AppArmor">Whether guard loads AppArmor profiles, so that policies may have patterns of paths.</param>
/// <param name="KernelKeys">Whether the key may be left in the session's keyring.</param>
/// <param name="Predecessor">What the fs has left whose mount this one takes over; null for a new mount.</param>
internal sealed record FsOptions(
    string Mount, string Store, string Credential, uint OwnerUid, uint OwnerGid, bool ReadOnly, bool AppArmor, bool KernelKeys, Handover? Predecessor)
{
    internal static FsOptions Parse(IReadOnlyList<string> arguments)
    {
        ServiceArguments parsed = ServiceArguments.Parse(arguments);
        return new FsOptions(
            parsed.Required("--mount"),
            parsed.Required("--store"),
            parsed.Required("--credential"),
            parsed.Number("--owner-uid"),
            parsed.Number("--owner-gid"),
            parsed.Has("--read-only"),
            parsed.Has("--apparmor"),
            parsed.Has("--kernel-keys"),
            parsed.Optional("--live-mount") is { } session ? Handover.FromBytes(Convert.FromHexString(session)) : null);
    }
}

using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Services;

/// <summary>
/// The processes of ClawOS and their limits: the one table from which services are started and systemd units are made, and against which a test holds what /proc says.
/// ARCHITECTURE.md and docs/hardening.md tell the same.
/// </summary>
public static class ServiceTable
{
    private const uint FsUser = 60911, NotifyUser = 60912, EmbedUser = 60915;

    /// <summary>What every service that takes a uid of its own needs until then. A home folder may be closed to others: root reads the program past that.</summary>
    private static readonly Capability[] ToBecomeUser = [Capability.Setuid, Capability.Setgid, Capability.DacReadSearch];

    /// <summary>Every row.</summary>
    public static IReadOnlyList<ServiceRow> Rows { get; } =
    [
        new("supervisor", Holding.KernelPrivilege)
        {
            Why = "Mounts, starts and ends the others, and so has what each of them starts with. No filter and no namespace, for its children would have them too, the embed worker with a server among them.",
            Capabilities =
            [
                Capability.Chown, Capability.DacOverride, Capability.DacReadSearch, Capability.Fowner, Capability.Kill, Capability.Setgid, Capability.Setuid, Capability.Setpcap,
                Capability.IpcLock, Capability.SysChroot, Capability.SysPtrace, Capability.SysAdmin, Capability.SysResource, Capability.Setfcap, Capability.MacAdmin,
            ],
        },
        new("fs", Holding.MasterKey)
        {
            Why = "The store belongs to its uid; as root it opens it, locks its memory and takes that uid. It writes into the store and its anchor and nowhere else.",
            User = FsUser,
            Capabilities = [.. ToBecomeUser, Capability.Chown, Capability.DacOverride, Capability.Fowner, Capability.IpcLock, Capability.SysResource],
            OwnNamespaces = true,
            NoNewPrivileges = true,
            Profile = ServiceProfiles.Fs,
            Files = static places => [new(places.Store, FileRights.Read | FileRights.Write), new(places.Anchors, FileRights.Read | FileRights.Write)],
        },
        new("notify", Holding.Nothing)
        {
            Why = "Sets the length of generated files in the mount; it may open them for that, and read none.",
            User = NotifyUser,
            Capabilities = ToBecomeUser,
            OwnNamespaces = true,
            NoNewPrivileges = true,
            Profile = ServiceProfiles.Plain,
            Files = static places => [new(places.Mount, FileRights.WriteFile | FileRights.Truncate)],
        },
        new("embed", Holding.Nothing)
        {
            Why = "Runs a model that it reads from wherever the owner has put it, in a native library: reads what its uid may, writes nothing.",
            User = EmbedUser,
            Capabilities = ToBecomeUser,
            OwnNamespaces = true,
            NoNewPrivileges = true,
            Profile = ServiceProfiles.Plain,
            Files = static _ => [new("/", FileRights.Read)],
        },
        new("embed-remote", Holding.Network)
        {
            Why = "Asks a server, so it has the machine's network; everything else is as with a model of its own.",
            User = EmbedUser,
            Capabilities = ToBecomeUser,
            NoNewPrivileges = true,
            Profile = ServiceProfiles.Network,
            Files = static _ => [new("/", FileRights.Read)],
        },
        new("guard", Holding.KernelPrivilege)
        {
            Why = "Makes sandboxes, their control groups and AppArmor profiles. Landlock forbids mounting, and a filter would bind every sandbox: it has neither. Its network namespace has no device that is on. SETFCAP is what the kernel wants of who maps uid 0 into a sandbox: of a mount that is root's own.",
            Capabilities =
            [
                Capability.Chown, Capability.DacOverride, Capability.DacReadSearch, Capability.Fowner, Capability.Kill, Capability.Setgid, Capability.Setuid, Capability.Setpcap,
                Capability.SysChroot, Capability.SysPtrace, Capability.SysAdmin, Capability.SysResource, Capability.Setfcap, Capability.MacAdmin,
            ],
            OwnNamespaces = true,
            NoNewPrivileges = true,
        },
    ];

    /// <summary>The row of a service; null where there is none.</summary>
    public static ServiceRow? Find(string name) => Rows.FirstOrDefault(row => row.Name == name);
}

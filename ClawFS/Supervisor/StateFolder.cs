using System.Security.Cryptography;
using System.Text;
using ClawFS.Linux;

namespace ClawFS.Supervisor;

/// <summary>
/// Where ClawOS keeps what is not the store: /var/lib/claw for root, else $XDG_STATE_HOME/claw or ~/.local/state/claw;
/// CLAW_STATE goes before both. mounts/ID/ has one mount's control socket, log and mount.json, keys/ the key files.
/// </summary>
public static class StateFolder
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The root of the state folder.</summary>
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("CLAW_STATE") is { Length: > 0 } chosen ? Path.GetFullPath(chosen)
        : ProcessIdentity.Uid == 0 ? "/var/lib/claw"
        : Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } home ? Path.Combine(home, "claw")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/state/claw");

    /// <summary>The store that is used when none is named.</summary>
    public static string DefaultStore => Path.Combine(Root, "store");

    /// <summary>Where a store's key file lies by default.</summary>
    /// <param name="storeId">The id in the store's key slots.</param>
    public static string KeyFile(Guid storeId) => Path.Combine(Root, "keys", $"{storeId:N}.key");

    /// <summary>Where the anchors of stores lie: files that say how far each store has come.</summary>
    public static string Anchors => Path.Combine(Root, "anchors");

    /// <summary>The folder of one mount, whether it exists or not. The id is short: a socket's path ends at 107 bytes.</summary>
    /// <param name="mountPoint">Absolute, links resolved.</param>
    public static string ForMount(string mountPoint) =>
        Path.Combine(Root, "mounts", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(mountPoint)))[..12]);

    /// <summary>The folders of all mounts that came up and did not go down cleanly, or are up.</summary>
    public static IEnumerable<string> Mounts()
    {
        string mounts = Path.Combine(Root, "mounts");
        return Directory.Exists(mounts) ? Directory.EnumerateDirectories(mounts).Where(folder => File.Exists(MountFile(folder))).Order() : [];
    }

    /// <summary>
    /// Makes the root. Root's lets others pass and not look: after `claw lock` fs opens the default store below it again, as a user of its own.
    /// What is private lies in folders of <see cref="CreatePrivate"/>.
    /// </summary>
    public static void CreateRoot()
    {
        const UnixFileMode Pass = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        CreatePrivate(Root);
        if (ProcessIdentity.Uid == 0)
        {
            File.SetUnixFileMode(Root, File.GetUnixFileMode(Root) | Pass);
        }
    }

    /// <summary>Makes a folder below the root that only its owner can enter.</summary>
    /// <param name="folder">Below <see cref="Root"/>.</param>
    public static void CreatePrivate(string folder) => Directory.CreateDirectory(folder, Private);

    /// <summary>The control socket of a mount.</summary>
    /// <param name="mountFolder">From <see cref="ForMount"/>.</param>
    public static string ControlSocket(string mountFolder) => Path.Combine(mountFolder, "control");

    /// <summary>The log of a mount's supervisor and services.</summary>
    /// <param name="mountFolder">From <see cref="ForMount"/>.</param>
    public static string LogFile(string mountFolder) => Path.Combine(mountFolder, "log");

    /// <summary>The last known state of a mount, a <see cref="StatusReport"/>.</summary>
    /// <param name="mountFolder">From <see cref="ForMount"/>.</param>
    public static string MountFile(string mountFolder) => Path.Combine(mountFolder, "mount.json");
}

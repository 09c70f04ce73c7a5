using System.CommandLine;
using System.Globalization;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Stores;
using ClawOS.Security.AppArmor;

namespace ClawOS.Cli.Mounts;

/// <summary>What `up` and `mount` are told alike, and what stands where nothing is said.</summary>
internal sealed class MountOptions
{
    private readonly Argument<string?> directory = new("DIR")
    {
        Description = "where to mount; /claw for root, ~/claw for others",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> store = new("--store") { Description = "the store folder; made if missing (default: in the state folder)", HelpName = "FOLDER" };
    private readonly Option<string?> owner = new("--owner") { Description = "whose files they are, as root (default: the caller of sudo); an older memory/ keeps its owner", HelpName = "USER" };
    private readonly Option<bool> allowOther = new("--allow-other") { Description = "let other users in, without root (needs user_allow_other in /etc/fuse.conf)" };

    private readonly Option<uint> fsRestarts = new("--fs-restarts")
    {
        Description = "how often in a minute a dead fs is started again, for tests that kill it",
        Hidden = true,
        DefaultValueFactory = _ => 5,
    };

    internal MountOptions(Command command)
    {
        command.Add(directory);
        command.Add(store);
        command.Add(owner);
        command.Add(allowOther);
        command.Add(fsRestarts);
        Credentials = new CredentialOptions(command);
    }

    internal CredentialOptions Credentials { get; }

    internal KnownMount Mount(ParseResult parsed) => KnownMount.At(RealPath.Of(parsed.GetValue(directory) ?? DefaultMount));

    internal string Store(ParseResult parsed) => RealPath.Of(parsed.GetValue(store) ?? StateFolder.DefaultStore);

    /// <summary>What the supervisor is told.</summary>
    internal SupervisorOptions ForSupervisor(ParseResult parsed, KnownMount mount, SecretSource secret, bool readOnly, bool leash)
    {
        (uint uid, uint gid) = Owner(parsed);
        return new SupervisorOptions
        {
            Mount = mount.MountPoint,
            Store = Store(parsed),
            StateFolder = mount.Folder,
            OwnerUid = uid,
            OwnerGid = gid,
            ReadOnly = readOnly,
            AppArmor = ProfilePool.WhyNot() is null,
            AllowOther = parsed.GetValue(allowOther),
            FsRestartsPerMinute = parsed.GetValue(fsRestarts),
            Credential = secret.Kind,
            KeyFile = secret.KeyFilePath,
            Leash = leash,
        };
    }

    /// <summary>Refuses what cannot work, before anything is made, and makes the mount point.</summary>
    internal void PrepareFolders(ParseResult parsed, KnownMount mount)
    {
        _ = Owner(parsed);
        string target = mount.MountPoint;
        string source = Store(parsed);
        if (IsWithin(source, target) || IsWithin(target, source))
        {
            throw new CliException(ExitCodes.Usage, $"{target}: mount point and store {source} lie in each other; choose two separate folders");
        }

        Directory.CreateDirectory(target);
        if (Directory.EnumerateFileSystemEntries(target).Any())
        {
            throw new CliException(ExitCodes.Failed, $"{target}: is not empty, and a mount would hide what is in it; choose an empty folder");
        }
    }

    /// <summary>Refuses early what the machine cannot do, with the way out.</summary>
    internal static void RequireFuse()
    {
        if (!File.Exists("/dev/fuse"))
        {
            throw new CliException(
                ExitCodes.Failed,
                "/dev/fuse: missing; modprobe fuse, or give the container the device (docs/using.md). Without a mount: claw fs ls");
        }

        if (ProcessIdentity.Uid != 0 && FuserMount.Program is null)
        {
            throw new CliException(ExitCodes.Failed, "fusermount3: not installed; apt-get install fuse3");
        }

        try
        {
            FuseMount.OpenDevice().Dispose();
        }
        catch (UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failed, "/dev/fuse: this user may not open it; sudo chmod 0666 /dev/fuse, as udev does by default");
        }
    }

    internal static string DefaultMount => ProcessIdentity.Uid == 0
        ? "/claw"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "claw");

    private (uint Uid, uint Gid) Owner(ParseResult parsed)
    {
        if (parsed.GetValue(owner) is { } name)
        {
            UserAccount account = UserAccount.Find(name) ?? throw new CliException(ExitCodes.NotFound, $"--owner {name}: there is no such user");
            return account.Uid == ProcessIdentity.Uid || ProcessIdentity.Uid == 0
                ? (account.Uid, account.Gid)
                : throw new CliException(ExitCodes.Usage, "--owner: only root can mount for another user; use sudo");
        }

        return ProcessIdentity.Uid == 0 && SudoId("SUDO_UID") is { } uid && SudoId("SUDO_GID") is { } gid
            ? (uid, gid)
            : (ProcessIdentity.Uid, ProcessIdentity.Gid);
    }

    private static uint? SudoId(string variable) =>
        uint.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? id : null;

    private static bool IsWithin(string inner, string outer) => inner == outer || inner.StartsWith(outer.TrimEnd('/') + "/", StringComparison.Ordinal);
}

using System.Globalization;

namespace ClawFS.Supervisor;

/// <summary>What one supervisor is started with. It travels as arguments, so nothing secret is in it.</summary>
public sealed class SupervisorOptions
{
    /// <summary>The mount point: an existing folder, absolute, links resolved.</summary>
    public required string Mount { get; init; }

    /// <summary>The store folder, absolute.</summary>
    public required string Store { get; init; }

    /// <summary>This mount's folder in the state folder: control socket, log and mount.json lie there.</summary>
    public required string StateFolder { get; init; }

    /// <summary>The user to whom the mount belongs.</summary>
    public uint OwnerUid { get; init; }

    /// <summary>That user's group.</summary>
    public uint OwnerGid { get; init; }

    /// <summary>Whether the mount refuses writes.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether guard can load AppArmor profiles; fs then takes policies that need them.</summary>
    public bool AppArmor { get; init; }

    /// <summary>Lets other users into a mount made without root; needs user_allow_other in /etc/fuse.conf.</summary>
    public bool AllowOther { get; init; }

    /// <summary>What the credential descriptor holds: "keyfile", "passphrase" or "recovery"; for a restarted fs also <see cref="NoCredential"/>.</summary>
    public string Credential { get; init; } = KeyFileCredential;

    /// <summary>The key file to open again when fs must be started anew; null when a person typed the secret.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Whether descriptor <see cref="LeashDescriptor"/> is open: when its other end closes, the mount goes down.</summary>
    public bool Leash { get; init; }

    /// <summary>How often in a minute a dead fs is started again before it is given up.</summary>
    public uint FsRestartsPerMinute { get; init; } = 5;

    /// <summary>Number of the descriptor on which the start is reported, a JSON object a line; closed when the start is over.</summary>
    public const int ReportDescriptor = 3;

    /// <summary>Number of the descriptor with the credential. The supervisor hands it on unread.</summary>
    public const int CredentialDescriptor = 4;

    /// <summary>Number of the leash.</summary>
    public const int LeashDescriptor = 5;

    /// <summary>The <see cref="Credential"/> kind of a key file.</summary>
    public const string KeyFileCredential = "keyfile";

    /// <summary>What a restarted fs is told where there is no key file to open again: the key is in the kernel, or the store stays locked.</summary>
    public const string NoCredential = "none";

    /// <summary>The arguments that <see cref="Parse"/> reads back.</summary>
    public IReadOnlyList<string> ToArguments()
    {
        List<string> arguments =
        [
            "--mount", Mount, "--store", Store, "--state", StateFolder,
            "--owner-uid", OwnerUid.ToString(CultureInfo.InvariantCulture),
            "--owner-gid", OwnerGid.ToString(CultureInfo.InvariantCulture),
            "--credential", Credential,
            "--fs-restarts", FsRestartsPerMinute.ToString(CultureInfo.InvariantCulture),
        ];
        if (KeyFile is not null)
        {
            arguments.AddRange(["--key-file", KeyFile]);
        }

        foreach ((bool set, string name) in (ReadOnlySpan<(bool, string)>)[(ReadOnly, "--read-only"), (AppArmor, "--apparmor"), (AllowOther, "--allow-other"), (Leash, "--leash")])
        {
            if (set)
            {
                arguments.Add(name);
            }
        }

        return arguments;
    }

    /// <summary>Reads arguments that this program wrote itself.</summary>
    /// <param name="arguments">From <see cref="ToArguments"/>.</param>
    /// <exception cref="FormatException">They come from somewhere else.</exception>
    public static SupervisorOptions Parse(IReadOnlyList<string> arguments)
    {
        ServiceArguments parsed = ServiceArguments.Parse(arguments);
        return new SupervisorOptions
        {
            Mount = parsed.Required("--mount"),
            Store = parsed.Required("--store"),
            StateFolder = parsed.Required("--state"),
            OwnerUid = parsed.Number("--owner-uid"),
            OwnerGid = parsed.Number("--owner-gid"),
            Credential = parsed.Required("--credential"),
            KeyFile = parsed.Optional("--key-file"),
            FsRestartsPerMinute = parsed.Number("--fs-restarts"),
            ReadOnly = parsed.Has("--read-only"),
            AppArmor = parsed.Has("--apparmor"),
            AllowOther = parsed.Has("--allow-other"),
            Leash = parsed.Has("--leash"),
        };
    }
}

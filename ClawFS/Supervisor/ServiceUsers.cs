namespace ClawFS.Supervisor;

/// <summary>
/// The user ids of the services when ClawOS runs as root; each is the group id, too. They are fixed numbers without an account:
/// /etc/passwd stays as it is, and the owner of a store folder means the same on every machine. Distributions give 60000-60513 to
/// systemd-homed and 61184 upwards to dynamic users (systemd's UIDS-GIDS), so nobody hands these out.
/// </summary>
public static class ServiceUsers
{
    /// <summary>fs: owns the store folder.</summary>
    public const uint Fs = 60911;

    /// <summary>notify: touches generated files, owns nothing.</summary>
    public const uint Notify = 60912;

    /// <summary>Kept for egress, the only way out.</summary>
    public const uint Egress = 60913;

    /// <summary>Kept for agent, the loop.</summary>
    public const uint Agent = 60914;

    /// <summary>embed: makes vectors of texts; may read what everybody may, and the model folder and key file given to it.</summary>
    public const uint Embed = 60915;
}

using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs;

/// <summary>One line of the table: what is measured and what it must reach beside whom.</summary>
/// <param name="Name">As given to --rows.</param>
/// <param name="Unit">MB/s, /s (more is better), s, MB or x (less is better).</param>
/// <param name="Peer">The system it is compared with; <see cref="Limit"/>: the floor is an absolute limit.</param>
/// <param name="Floor">The ratio to the peer that it must reach; null: shown only.</param>
internal sealed record Row(string Name, string Unit, string Peer, double? Floor)
{
    public const string Limit = "limit";

    public static readonly Row
        SequentialWrite = new("seq-write", "MB/s", Catalogue.Gocryptfs, 1.1),
        SequentialWriteTwoCores = new("seq-write-2core", "MB/s", Catalogue.Gocryptfs, 1.3),
        SequentialReadCold = new("seq-read-cold", "MB/s", Catalogue.Gocryptfs, 1.3),
        SequentialReadWarm = new("seq-read-warm", "MB/s", Catalogue.Gocryptfs, 5),
        RandomReadCold = new("rand-read-cold", "/s", Catalogue.Gocryptfs, 1.2),
        RandomWrite = new("rand-write-fsync", "/s", Catalogue.Gocryptfs, 1),
        Create = new("create", "/s", Catalogue.Gocryptfs, 2.5),
        StatHot = new("stat-hot", "/s", Catalogue.Ext4, 0.7),
        StatCold = new("stat-cold", "/s", Catalogue.Gocryptfs, 2),
        ReadCold = new("read-cold", "/s", Catalogue.Gocryptfs, null),
        ReadHot = new("read-hot", "/s", Catalogue.Gocryptfs, 4),
        CreateByFour = new("clients4-create", "/s", Catalogue.Gocryptfs, 1),
        StatByFour = new("clients4-stat-cold", "/s", Catalogue.Gocryptfs, 1),
        ReadByFour = new("clients4-read", "/s", Catalogue.Gocryptfs, 1),
        Unpack = new("tar-x", "s", Catalogue.Gocryptfs, 0.5),
        GitStatus = new("git-status", "s", Catalogue.Ext4, 1.3),
        Remove = new("rm-rf", "s", Catalogue.Gocryptfs, 0.4),
        Resident = new("rss-100k", "MB", Limit, 100),
        ResidentIndexed = new("rss-100k-indexed", "MB", Limit, null),
        SpaceSmall = new("space-4k", "x", Limit, 1.25),
        SpaceLarge = new("space-large", "x", Limit, 1.05),
        SpaceAfterRemoval = new("space-after-rm", "x", Limit, 0.1),
        CreateAmongMany = new("create-1m", "x", Limit, 1.3),
        StatAmongMany = new("stat-cold-1m", "x", Limit, 1.3),
        ViewStatCold = new("view-stat-cold", "x", Limit, 1.1),
        ViewStatHot = new("view-stat-hot", "x", Limit, 1.1),
        ViewReadCold = new("view-read-cold", "x", Limit, 1.1),
        ViewReadHot = new("view-read-hot", "x", Limit, 1.1);

    /// <summary>Whether a smaller value is the better one.</summary>
    public bool LessIsBetter => Unit is "s" or "MB" or "x";

    /// <summary>Whether a ratio reaches the floor; null where there is none.</summary>
    public bool? Met(double ratio) => Floor is not { } floor ? null : LessIsBetter ? ratio <= floor : ratio >= floor;
}

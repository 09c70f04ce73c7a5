using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Store;

/// <summary>How a store is opened.</summary>
public sealed class StoreOptions
{
    /// <summary>Nothing is written, not even the journal's replay: for old backups on read-only media. Default false.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Inodes kept in memory before clean ones are dropped; about 500 bytes each. Default 16,384.</summary>
    public int CachedInodes { get; init; } = 16_384;

    /// <summary>The boot that journal files are marked with; null = this one. For tests of what a reboot leaves.</summary>
    internal Guid? Boot { get; init; }

    /// <summary>Opens the store folder. For tests with a disk that fails or forgets; claw.db is opened by its path all the same.</summary>
    internal Func<string, Folder> OpenFolder { get; init; } = Folder.Open;

    /// <summary>Bytes of dead blocks that are not worth cleaning, however little is alive beside them. Default 4 MiB; less in tests.</summary>
    internal long CleaningSlack { get; init; } = 4 << 20;

    /// <summary>Bytes above 1.3 times what lives that segments may hold before writers wait. Default 96 MiB; more than one segment of 64 MiB, but in tests.</summary>
    internal long MostExcess { get; init; } = 96 << 20;

    /// <summary>Time from the beginning of one background check of all rows and blocks to the next; zero = none. Default a week.</summary>
    public TimeSpan ScrubPeriod { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Bytes a second that the background check reads at least while the store is idle; more where half the period would not do. Default 1 MiB.</summary>
    public long ScrubPace { get; init; } = 1 << 20;

    /// <summary>How long after opening the background check rests. Default two minutes; less in tests.</summary>
    internal TimeSpan ScrubRest { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>References that the kernel still holds from before (<see cref="ClawStore.References"/>): nodes that must not end although nothing names them. Default: none.</summary>
    public IReadOnlyDictionary<ulong, ulong>? References { get; init; }

    /// <summary>Tells an older copy of the whole store; the caller disposes it after the store. Default: none, and then <see cref="AnchorState.None"/>.</summary>
    public Anchor? Anchor { get; init; }

    /// <summary>
    /// The mount has outlived the process that served it: the kernel holds references that nobody has counted, and asks again for what was not answered.
    /// Inodes without a name then stay until the kernel lets go of them or the store is opened for a new mount. Default false.
    /// </summary>
    public bool LiveMount { get; init; }

    /// <summary>Takes what happens in the tree. Default: nobody.</summary>
    public FsEventSink Events { get; init; } = FsEventSink.None;

    /// <summary>
    /// Called when a busy time is over and what was needed for it has become garbage: the process may give memory back. Changes and reads go on beside it; must not
    /// call the store. Default: nothing.
    /// </summary>
    public Action Quiet { get; init; } = static () => { };

    /// <summary>Takes one line for each damage or failure that a caller alone could not report (sys/errors). Default: nobody.</summary>
    public Action<string> Report { get; init; } = static _ => { };
}

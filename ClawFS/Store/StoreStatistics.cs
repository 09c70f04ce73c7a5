namespace ClawFS.Store;

/// <summary>Counts of an open store at one moment.</summary>
/// <param name="UsedBytes">What the quota counts: sealed content and 512 bytes an inode.</param>
/// <param name="QuotaBytes">Most bytes, 0 = no limit.</param>
/// <param name="Inodes">Files, folders and others, nameless ones included.</param>
/// <param name="LiveBytes">Sealed content that files name.</param>
/// <param name="Segments">Segment files.</param>
/// <param name="JournalBytes">Length of the journal.</param>
/// <param name="DirtyObjects">Objects that the next checkpoint saves.</param>
/// <param name="CachedInodes">Inodes in memory.</param>
/// <param name="KnownNodes">Nodes the kernel holds references to.</param>
/// <param name="Checkpoints">Checkpoints since the store was opened.</param>
/// <param name="AvailableBytes">Disk space that new content may use.</param>
public readonly record struct StoreStatistics(ulong UsedBytes, ulong QuotaBytes, long Inodes, long LiveBytes, int Segments, long JournalBytes,
    int DirtyObjects, int CachedInodes, int KnownNodes, long Checkpoints, long AvailableBytes)
{
    /// <summary>Writes that had to wait until commits or the cleaner had taken dead blocks away, since the store was opened.</summary>
    public long WritesHeldBack { get; init; }

    /// <summary>Where the background check stands.</summary>
    public ScrubStatus Scrub { get; init; }
}

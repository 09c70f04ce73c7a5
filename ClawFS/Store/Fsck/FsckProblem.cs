namespace ClawFS.Store;

/// <summary>What is wrong. The names are shown and may be matched by scripts; they never change meaning.</summary>
public enum FsckCode
{
    /// <summary>claw.db is no sound SQLite database.</summary>
    DatabaseFile,
    /// <summary>A part of the freshness tree cannot be read: the rows below it (512 or more) are lost. Not repaired.</summary>
    FreshnessTree,
    /// <summary>A part of the freshness tree is damaged in claw.db, but the running service knows it: repair writes it again.</summary>
    FreshnessNode,
    /// <summary>The store is older than its anchor. Not repaired: accepted, or the newer one is put back.</summary>
    RolledBack,
    /// <summary>The anchor is not what this process has written. Not repaired: the next commit writes it again.</summary>
    AnchorChanged,
    /// <summary>Nothing can be committed any more, because the freshness tree is damaged. Not repaired.</summary>
    CommitFailed,
    /// <summary>A row is missing, stale or not authentic, and nothing readable owns it.</summary>
    RowDamaged,
    /// <summary>A row belongs to nothing.</summary>
    RowUnowned,
    /// <summary>Two objects name the same row. Then nothing is repaired, because mending one would harm the other.</summary>
    RowOwnedTwice,
    /// <summary>claw.db holds a row that the freshness tree does not know.</summary>
    RowStray,
    /// <summary>The number of rows in the root row is wrong. Not repaired.</summary>
    RowCount,
    /// <summary>An inode cannot be read.</summary>
    InodeDamaged,
    /// <summary>A page of a folder's names or of a file's extents cannot be read.</summary>
    PageDamaged,
    /// <summary>One of the store's own sets cannot be read, or was rebuilt at open.</summary>
    SetDamaged,
    /// <summary>An entry of a folder names no readable inode, or is malformed.</summary>
    EntryDangling,
    /// <summary>An entry says another file type than its inode.</summary>
    EntryType,
    /// <summary>An entry stands where a look-up by its name does not find it.</summary>
    EntryMisplaced,
    /// <summary>A folder has more than one name.</summary>
    FolderNamedTwice,
    /// <summary>A folder's note of its own parent is wrong.</summary>
    FolderParent,
    /// <summary>Folders contain each other in a circle.</summary>
    FolderCycle,
    /// <summary>The link count is not the number of names.</summary>
    LinkCount,
    /// <summary>An inode is readable but no name leads to it.</summary>
    InodeLost,
    /// <summary>The set of nameless inodes lists what is not one.</summary>
    OrphanSet,
    /// <summary>The number of inodes in the root row is wrong.</summary>
    InodeCount,
    /// <summary>New rows could take the number of one that exists.</summary>
    NextNumber,
    /// <summary>The blocks counted in an inode are not the blocks it has.</summary>
    BlockCount,
    /// <summary>Extents of a file overlap, or one is malformed.</summary>
    ExtentMalformed,
    /// <summary>An extent lies in a segment that is missing, unknown, or shorter.</summary>
    ExtentOutside,
    /// <summary>Two extents name the same bytes of a segment.</summary>
    ExtentShared,
    /// <summary>A segment has no readable record.</summary>
    SegmentRecord,
    /// <summary>The file of a segment is missing, or holds another segment.</summary>
    SegmentFile,
    /// <summary>The live bytes in a segment's record are not what files name.</summary>
    SegmentLive,
    /// <summary>A segment file that the store does not know. Not looked for in a store opened read-only.</summary>
    SegmentStray,
    /// <summary>A block is not authentic: reads of it are EIO. Repair cuts it out: it then reads as zeros.</summary>
    BlockDamaged,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Code">What.</param>
/// <param name="Object">The inode, row or segment it is about; 0 for the whole store.</param>
/// <param name="Message">One line with numbers, no names.</param>
/// <param name="Path">Where, from the stored root, if asked for and known.</param>
public sealed record FsckProblem(FsckCode Code, ulong Object, string Message, string? Path = null)
{
    /// <inheritdoc/>
    public override string ToString() => Path is null ? $"{Code}: {Message}" : $"{Code}: {Message} ({Path})";
}

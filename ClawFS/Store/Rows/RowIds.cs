namespace ClawFS.Store.Rows;

/// <summary>How row ids are shared out. All fit a positive SQLite rowid.</summary>
internal static class RowIds
{
    /// <summary>The root row.</summary>
    public const ulong Root = 1;

    /// <summary>The first id of the upper half.</summary>
    public const ulong First = 2;

    /// <summary>Ids of the upper half are below: what six levels of 512 reach.</summary>
    public const ulong End = 1UL << (VersionNode.Bits * VersionNode.MaxLevels);

    private const int LevelShift = 56;
    private const ulong OwnRows = 1UL << 62;
    private const ulong EpochLevel = 62;

    /// <summary>The row of a node of the freshness tree: level 0 are the leaves.</summary>
    public static ulong Versions(int level, ulong index) => OwnRows | (ulong)level << LevelShift | index;

    /// <summary>The row that holds the salts of a group of epochs.</summary>
    public static ulong Epochs(int group) => OwnRows | EpochLevel << LevelShift | (uint)group;

    /// <summary>Whether the id is one of the rows that the upper half never sees.</summary>
    public static bool IsOwn(ulong id) => (id & OwnRows) != 0;
}

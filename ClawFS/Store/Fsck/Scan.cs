using ClawFS.Store.Objects;

namespace ClawFS.Store.Checks;

/// <summary>An inode as its row says, and what the names and extents of the store say about it.</summary>
internal sealed class ScanNode
{
    public required uint Mode { get; init; }
    public required uint Nlink { get; init; }
    public required ulong StoredBlocks { get; init; }
    public required ulong Parent { get; init; }
    public required ulong NameKey { get; init; }
    public required byte[] Salt { get; init; }

    /// <summary>Where its names begin in <see cref="Scan.Edges"/>, and how many there are; folders only.</summary>
    public int FirstEdge { get; init; }
    public int EdgeCount { get; set; }

    /// <summary>Entries that name it.</summary>
    public uint Names { get; set; }
    public uint Subfolders { get; set; }
    public bool Reached { get; set; }

    public bool IsFolder => FileMode.IsDirectory(Mode);
}

/// <summary>One entry of a folder.</summary>
internal readonly record struct ScanEdge(ulong Folder, ulong Key, ulong Child, byte Type);

/// <summary>One extent of a file.</summary>
internal readonly record struct ScanExtent(ulong Inode, Extent Extent);

/// <summary>A segment as its record and its file say, and the live bytes that the extents say.</summary>
internal sealed class ScanSegment
{
    public required ulong Salt { get; init; }
    /// <summary>-1 = there is no readable record.</summary>
    public required long Live { get; init; }
    public long Counted { get; set; }
    /// <summary>-1 = the file cannot be used.</summary>
    public long Length { get; set; }
}

/// <summary>Everything that a check has gathered from the rows of one commit.</summary>
internal sealed class Scan
{
    public Dictionary<ulong, ScanNode> Nodes { get; } = [];
    public List<ScanEdge> Edges { get; } = [];
    public List<ScanExtent> Extents { get; } = [];
    public Dictionary<ulong, ScanSegment> Segments { get; } = [];
    public HashSet<ulong> Orphans { get; } = [];
    public List<FsckProblem> Problems { get; } = [];

    /// <summary>Rows that cannot be opened.</summary>
    public HashSet<ulong> DamagedRows { get; } = [];
    /// <summary>For each node of the freshness tree that is damaged in claw.db but known in memory: a row below it, ascending.</summary>
    public List<ulong> DamagedNodes { get; } = [];
    /// <summary>Rows that belong to nothing.</summary>
    public List<ulong> UnownedRows { get; } = [];
    public List<ulong> StrayRows { get; } = [];
    public List<ulong> StraySegments { get; } = [];
    /// <summary>Inodes whose map has a damaged page.</summary>
    public HashSet<ulong> DamagedMaps { get; } = [];
    /// <summary>Entries that are malformed or stand at the wrong place, beside those that the edges show.</summary>
    public List<ScanEdge> BadEntries { get; } = [];
    /// <summary>One folder of each circle.</summary>
    public List<ulong> Cycles { get; } = [];
    /// <summary>Extents, or parts of extents, that cannot be read.</summary>
    public List<ScanExtent> BadExtents { get; } = [];

    public long Rows { get; set; }
    public long Blocks { get; set; }
    public long BlocksChecked { get; set; }

    public void Add(FsckCode code, ulong subject, string message) => Problems.Add(new FsckProblem(code, subject, message));
}

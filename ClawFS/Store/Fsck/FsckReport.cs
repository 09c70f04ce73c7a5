namespace ClawFS.Store;

/// <summary>What a check found and did.</summary>
public sealed class FsckReport
{
    /// <summary>All that was wrong, before repair.</summary>
    public required IReadOnlyList<FsckProblem> Problems { get; init; }

    /// <summary>What repair did, a line each.</summary>
    public IReadOnlyList<string> Repaired { get; init; } = [];

    /// <summary>What is still wrong: without repair the same as <see cref="Problems"/>.</summary>
    public required IReadOnlyList<FsckProblem> Remaining { get; init; }

    /// <summary>Nodes that repair changed: what the kernel has cached of them must be dropped.</summary>
    public IReadOnlyList<ulong> Changed { get; init; } = [];

    /// <summary>Rows that were authenticated.</summary>
    public long Rows { get; init; }

    /// <summary>Inodes, folders included.</summary>
    public long Inodes { get; init; }

    /// <summary>Folders.</summary>
    public long Folders { get; init; }

    /// <summary>Blocks of 4096 bytes or less that files name.</summary>
    public long Blocks { get; init; }

    /// <summary>Blocks that were read and authenticated.</summary>
    public long BlocksChecked { get; init; }

    /// <summary>Segment files.</summary>
    public long Segments { get; init; }

    /// <summary>Whether nothing is wrong any more.</summary>
    public bool Clean => Remaining.Count == 0;

    /// <summary>One line for people.</summary>
    public string Summary
    {
        get
        {
            string found = $"{Inodes} inodes, {Rows} rows, {Blocks} blocks ({BlocksChecked} read) in {Segments} segments";
            return Problems.Count == 0 ? $"clean: {found}"
                : Repaired.Count == 0 ? $"{Problems.Count} problems: {found}"
                : $"{Problems.Count} problems, {Repaired.Count} repairs, {Remaining.Count} left: {found}";
        }
    }
}

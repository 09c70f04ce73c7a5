using ClawFS.Search.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Index;

/// <summary>What the index knows of one file. Replaced, never changed, when the file is.</summary>
internal sealed record IndexedFile
{
    /// <summary>The file.</summary>
    public required ulong Inode { get; init; }

    /// <summary>The folder it was last seen in.</summary>
    public required ulong Folder { get; init; }

    /// <summary>Its name there.</summary>
    public required string Name { get; init; }

    /// <summary>What tells a changed file: every write, truncation and attribute change moves it.</summary>
    public required Timestamp Ctime { get; init; }

    /// <summary>When the content was written.</summary>
    public required Timestamp Mtime { get; init; }

    /// <summary>Bytes.</summary>
    public ulong Size { get; init; }

    /// <summary>How its bytes are read.</summary>
    public TextKind Kind { get; init; }

    /// <summary>SHA-256 of the content; empty for a file that is skipped.</summary>
    public byte[] Sha256 { get; init; } = [];

    /// <summary>user.claw.tags, as it is; empty without.</summary>
    public string Tags { get; init; } = "";

    /// <summary>Why the file is not searchable; null if it is.</summary>
    public string? Skipped { get; init; }

    /// <summary>Its chunks are numbered from here on, in the order of the text.</summary>
    public uint FirstChunk { get; init; }

    /// <summary>How many there are.</summary>
    public int ChunkCount { get; init; }
}

namespace ClawFS.Search.Index;

/// <summary>Kinds of records in the index log (docs/index-log.md).</summary>
internal enum RecordKind : byte
{
    /// <summary>New terms, which get the next numbers.</summary>
    Terms = 1,
    /// <summary>A file with its chunks; replaces what is known of the inode.</summary>
    File = 2,
    /// <summary>The attributes of a file whose content is as it was.</summary>
    Restated = 3,
    /// <summary>A file that is not searchable, with the reason.</summary>
    Skipped = 4,
    /// <summary>An inode that is to be forgotten.</summary>
    Removed = 5,
}

namespace ClawFS.Store.Changes;

/// <summary>What a journal record says; the numbers are on disk and never change meaning (docs/storage-format.md).</summary>
internal enum ChangeKind : byte
{
    /// <summary>A node came to be, with a name or (O_TMPFILE) without.</summary>
    Create = 1,
    /// <summary>A further name for a node.</summary>
    Link = 2,
    /// <summary>A name was removed (unlink, rmdir).</summary>
    Remove = 3,
    /// <summary>A name was moved or two were exchanged.</summary>
    Rename = 4,
    /// <summary>Mode, owner or times.</summary>
    Attributes = 5,
    /// <summary>Content: blocks cut, extents inserted, size set.</summary>
    Data = 6,
    /// <summary>An extended attribute was set or removed.</summary>
    Xattr = 7,
    /// <summary>An inode without a name went for good.</summary>
    Purge = 8,
    /// <summary>The quota of the store was set.</summary>
    Quota = 9,
}

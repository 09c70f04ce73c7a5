namespace ClawFS.Store.Rows;

/// <summary>What a row holds. Part of the associated data, so that a row of one kind never passes for another. The values are in the format.</summary>
internal enum RowKind : byte
{
    /// <summary>An inode.</summary>
    Inode = 1,
    /// <summary>A leaf page of a directory or extent map.</summary>
    TreeLeaf = 2,
    /// <summary>The index of a directory or extent map.</summary>
    TreeIndex = 3,
    /// <summary>What is known of a segment.</summary>
    Segment = 4,
    /// <summary>One of the store's own lists.</summary>
    System = 5,
    /// <summary>A node of the freshness tree.</summary>
    Versions = 6,
    /// <summary>The root row.</summary>
    Root = 7,
    /// <summary>Salts of epochs.</summary>
    Epochs = 8,
}

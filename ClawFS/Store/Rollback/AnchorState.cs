namespace ClawFS.Store;

/// <summary>How a store stands to its anchor.</summary>
public enum AnchorState
{
    /// <summary>It was opened without one: an older copy of the whole store would not be noticed.</summary>
    None,

    /// <summary>The anchor had nothing readable about this store; it begins now. Said once, then the store is anchored.</summary>
    Unanchored,

    /// <summary>The store is at its anchor, or ahead of it (the anchor is advanced at most once a second).</summary>
    Anchored,

    /// <summary>The store is older than its anchor, or another line of changes: somebody has put an older state back. Stays until it is accepted.</summary>
    RolledBack,
}

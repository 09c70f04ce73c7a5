namespace ClawFS.Vfs;

/// <summary>What a generated node looks like at one moment.</summary>
/// <param name="Size">Exact length in bytes; 0 for folders and channels.</param>
/// <param name="Mtime">When the content last changed, not when it was last rendered.</param>
/// <param name="Version">Grows whenever content or size change; the same version means the same bytes.</param>
/// <param name="Content">The rendered bytes that a handle opened now pins, or null where nothing is pinned.</param>
public readonly record struct NodeShape(ulong Size, Timestamp Mtime, ulong Version, byte[]? Content = null);

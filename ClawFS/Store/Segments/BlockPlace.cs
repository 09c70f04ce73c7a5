namespace ClawFS.Store.Segments;

/// <summary>
/// What a run of sealed blocks is bound to. Where it lies (<paramref name="Salt"/>, <paramref name="Offset"/>) makes the nonce, whose it is
/// (<paramref name="Store"/>, <paramref name="Inode"/>, <paramref name="Block"/>) the associated data: a block moved to another place, file or store does not open.
/// </summary>
/// <param name="Store">Id of the store.</param>
/// <param name="Inode">The file.</param>
/// <param name="Block">Index of the first block in the file, in units of 4096 bytes.</param>
/// <param name="Salt">The salt of the segment.</param>
/// <param name="Offset">Byte offset of the first block in the segment; the next ones stand 4096 bytes apart.</param>
internal readonly record struct BlockPlace(Guid Store, ulong Inode, ulong Block, ulong Salt, uint Offset);

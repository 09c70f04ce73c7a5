using ClawFS.Search.Text;

namespace ClawFS.Search.Index;

/// <summary>Where a chunk lies.</summary>
/// <param name="File">The file, or null once it is gone or indexed anew.</param>
/// <param name="Chunk">Its part of the file.</param>
internal readonly record struct ChunkPlace(IndexedFile? File, Chunk Chunk);

namespace ClawFS.Search.Lexical;

/// <summary>A chunk and its terms, before it is part of a segment.</summary>
/// <param name="Chunk">Its number.</param>
/// <param name="Terms">Its terms.</param>
internal readonly record struct PendingChunk(uint Chunk, ChunkTerms Terms);

namespace ClawFS.Search.Lexical;

/// <summary>A chunk that was found.</summary>
/// <param name="Chunk">Its number.</param>
/// <param name="Score">Higher is better; only scores of one query compare.</param>
internal readonly record struct ScoredChunk(uint Chunk, float Score);

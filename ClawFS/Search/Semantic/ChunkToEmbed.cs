using ClawFS.Search.Lexical;

namespace ClawFS.Search.Semantic;

/// <summary>A chunk on its way to a vector.</summary>
/// <param name="Chunk">Its number.</param>
/// <param name="Terms">Its terms.</param>
/// <param name="Text">Its heading path and text; empty unless the model reads text.</param>
internal readonly record struct ChunkToEmbed(uint Chunk, ChunkTerms Terms, string Text);

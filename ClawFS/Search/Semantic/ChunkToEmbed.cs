using ClawFS.Search.Lexical;

namespace ClawFS.Search.Semantic;

/// <summary>A chunk on its way to a vector.</summary>
/// <param name="Chunk">Its number.</param>
/// <param name="Id">What it is made of (<see cref="Index.ChunkIdentity"/>).</param>
/// <param name="Terms">Its terms.</param>
/// <param name="Text">Its heading path and text; empty unless the model reads text.</param>
internal readonly record struct ChunkToEmbed(uint Chunk, ulong Id, ChunkTerms Terms, string Text);

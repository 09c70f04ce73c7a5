using ClawFS.Search.Lexical;

namespace ClawFS.Search.Ranking;

/// <summary>Finds the chunks whose vectors are nearest to one.</summary>
/// <param name="vector">Of length 1.</param>
/// <param name="allowed">A bit for each chunk that may be found, or null for all.</param>
/// <param name="results">Gets chunks and cosines, best first.</param>
/// <returns>How many were found.</returns>
internal delegate int VectorSearch(ReadOnlySpan<float> vector, ulong[]? allowed, Span<ScoredChunk> results);

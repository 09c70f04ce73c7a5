using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Index;

/// <summary>What a search needs of the vectors.</summary>
/// <param name="Model">Makes the question's vector.</param>
/// <param name="Statistics">Weighs terms.</param>
/// <param name="Weights">What the vectors are worth beside the words.</param>
/// <param name="Near">Finds the nearest chunks, given the width of the walk.</param>
internal sealed record VectorView(EmbeddingModel Model, TermStatistics Statistics, FusionWeights Weights, Func<int, VectorSearch> Near);

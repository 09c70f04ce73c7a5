using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;

namespace ClawFS.Search.Tests.Ranking;

public sealed class FusionTests
{
    private static readonly ScoredChunk[] Words = [new(1, 9), new(2, 5), new(3, 4), new(4, 1)];
    private static readonly ScoredChunk[] Near = [new(9, 0.9f), new(3, 0.8f), new(1, 0.3f)];

    [Fact]
    public void Vectors_without_a_part_only_follow_behind() =>
        Assert.Equal([1u, 2u, 3u, 4u, 9u], Fusion.Sum(Words, Near, 0, [], 0).Select(static chunk => chunk.Chunk));

    [Fact]
    public void Vectors_with_a_part_lift_what_both_found()
    {
        uint[] order = [.. Fusion.Sum(Words, Near, 0.8f, [], 0).Select(static chunk => chunk.Chunk)];
        Assert.Equal(1u, order[0]);
        Assert.True(Array.IndexOf(order, 3u) < Array.IndexOf(order, 2u));
    }

    [Fact]
    public void Standard_scores_do_not_depend_on_the_unit_of_a_list()
    {
        ScoredChunk[] other = [.. Words.Select(static chunk => new ScoredChunk(chunk.Chunk, (chunk.Score * 100) + 7))];
        Assert.Equal(Fusion.Sum(Words, Near, 0.5f, [], 0).Select(static chunk => chunk.Chunk), Fusion.Sum(other, Near, 0.5f, [], 0).Select(static chunk => chunk.Chunk));
    }

    [Fact]
    public void Reciprocal_ranks_are_the_sum_over_both_lists()
    {
        List<ScoredChunk> ranked = Fusion.ReciprocalRanks(Words, Near);
        Assert.Equal([1u, 3u, 9u, 2u, 4u], ranked.Select(static chunk => chunk.Chunk));
        Assert.Equal((1 / 61f) + (1 / 63f), ranked[0].Score, 1e-6f);
    }

    [Fact]
    public void Lists_without_chunks_or_without_difference_are_no_trouble()
    {
        Assert.Empty(Fusion.Sum([], [], 1, [], 1));
        Assert.Equal([9u, 3u, 1u], Fusion.Sum([], Near, 1, [], 1).Select(static chunk => chunk.Chunk));
        List<ScoredChunk> equal = Fusion.Sum([new(5, 2), new(6, 2)], [], 0.5f, [], 0);
        Assert.Equal([5u, 6u], equal.Select(static chunk => chunk.Chunk));
        Assert.All(equal, static chunk => Assert.True(float.IsFinite(chunk.Score)));
    }

    [Fact]
    public void A_query_of_few_words_leaves_full_text_more_say_than_a_question()
    {
        Assert.True(new QueryEvidence(3, 1, 0).VectorPart < new QueryEvidence(16, 1, 0).VectorPart);
        Assert.Equal(0, new QueryEvidence(3, 1, 0).NeighbourPart);
        Assert.Equal(0, new QueryEvidence(12, 0.5f, 0).VectorPart);
        Assert.True(new QueryEvidence(12, 1, 200).VectorPart < new QueryEvidence(12, 1, 2).VectorPart / 5);
    }

    [Fact]
    public void Trust_needs_agreement_and_samples()
    {
        Assert.Equal(0, FusionWeights.LexicalOnly.Trust);
        Assert.Equal(0, new FusionWeights(0.7f, 200).Trust);
        Assert.Equal(1, new FusionWeights(0.95f, 200).Trust);
        Assert.Equal(0, new FusionWeights(1, 3).Trust);
    }

    [Fact]
    public void Neighbours_score_as_the_sum_over_the_most_similar()
    {
        Random random = Seed.Random();
        InvertedIndex index = new();
        ChunkTerms[] terms = [.. Enumerable.Range(0, 40).Select(_ => ChunkTerms.From([.. Enumerable.Range(0, 20).Select(_ => random.Next(60))]))];
        for (uint i = 0; i < terms.Length; i++)
            index.Add(i, terms[i]);
        TermStatistics statistics = TermStatistics.Of(index);
        ScoredChunk[] lexical = [.. Enumerable.Range(0, terms.Length).Select(i => new ScoredChunk((uint)i, 10 - (i * 0.1f)))];
        Dictionary<uint, float> found = NeighbourScores.Of(lexical, chunk => terms[chunk], statistics).ToDictionary(static chunk => chunk.Chunk, static chunk => chunk.Score);
        Dictionary<int, double>[] weights = [.. terms.Select(each => Weights(each, statistics))];
        for (int i = 0; i < terms.Length; i++)
        {
            double expected = Enumerable.Range(0, terms.Length).Where(k => k != i)
                .Select(k => (Like: weights[i].Sum(pair => pair.Value * weights[k].GetValueOrDefault(pair.Key)), lexical[k].Score))
                .OrderByDescending(static pair => pair.Like).Take(8).Sum(static pair => pair.Like * pair.Score);
            Assert.Equal(expected, found[(uint)i], 1e-3);
        }
    }

    private static Dictionary<int, double> Weights(ChunkTerms terms, TermStatistics statistics)
    {
        Dictionary<int, double> weights = [];
        foreach ((int term, int frequency) in terms)
            weights[term] = (1 + Math.Log(frequency)) * statistics.Idf(term);
        double length = Math.Sqrt(weights.Values.Sum(static value => value * value));
        return weights.ToDictionary(static pair => pair.Key, pair => pair.Value / length);
    }
}

using System.Text;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;
using ClawFS.Search.Tests.Semantic;

namespace ClawFS.Search.Tests.Ranking;

public sealed class HybridRankingTests
{
    private const int TopicCount = 8;

    [Fact]
    public void Vectors_of_a_store_with_topics_are_trusted_and_those_of_noise_are_not()
    {
        Random random = Seed.Random();
        Store topics = new(Topics.Texts(random, 600, TopicCount, 30));
        Store noise = new([.. Enumerable.Range(0, 3000).Select(_ => ChunkTerms.From([.. Enumerable.Range(0, 12).Select(_ => random.Next(3000))]))]);
        Assert.True(topics.Measure().Trust > 0.5, $"{topics.Measure()}");
        Assert.True(noise.Measure().Trust == 0, $"{noise.Measure()}");
        Assert.Equal(topics.Measure(), topics.Measure());
    }

    [Fact]
    public void What_full_text_finds_keeps_its_order_when_vectors_are_not_trusted()
    {
        Random random = Seed.Random();
        Store store = new(Topics.Texts(random, 600, TopicCount, 30));
        for (int i = 0; i < 20; i++)
        {
            QueryTerms query = QueryTerms.From(Topics.Text(random, i % TopicCount, TopicCount, 12));
            ScoredChunk[] lexical = new ScoredChunk[HybridRanking.Depth];
            int count = store.Index.Search(query.Different, null, lexical);
            List<ScoredChunk> ranked = store.Search(query, FusionWeights.LexicalOnly, null);
            Assert.Equal(lexical.Take(count).Select(static chunk => chunk.Chunk), ranked.Take(count).Select(static chunk => chunk.Chunk));
            Assert.Equal(ranked.Count, ranked.Select(static chunk => chunk.Chunk).Distinct().Count());
        }
    }

    [Fact]
    public void Words_that_no_chunk_has_together_are_answered_by_vectors()
    {
        Random random = Seed.Random();
        Store store = new(Topics.Texts(random, 600, TopicCount, 30));
        ulong[] onlyOthers = [.. Enumerable.Range(0, 10).Select(static word => Enumerable.Range(0, 64).Where(bit => ((word * 64) + bit) % TopicCount == 3).Aggregate(0UL, static (bits, bit) => bits | (1UL << bit)))];
        List<ScoredChunk> ranked = store.Search(QueryTerms.From(ChunkTerms.From([3 * Topics.WordsOfTopic])), new FusionWeights(1, 100), onlyOthers);
        Assert.NotEmpty(ranked);
        Assert.All(ranked, static chunk => Assert.Equal(3u, chunk.Chunk % TopicCount));
    }

    [Fact]
    public void A_query_reads_only_the_words_that_the_store_has()
    {
        TermTable table = new();
        int key = table.Add("key"u8), emoji = table.Add("🎉"u8), pair = table.Add("東京"u8);
        QueryTerms query = QueryTerms.Read(Encoding.UTF8.GetBytes("the keys, KEYS & key 🎉 東京 unknown"), table);
        Assert.Equal([new QueryTerm(key, 3), new QueryTerm(emoji, 1), new QueryTerm(pair, 1)], query.Different);
        Assert.Empty(QueryTerms.Read([], table).Different);
        Assert.Equal(3, table.Count);
        string words = string.Concat(Enumerable.Range(0, 10_000).Select(static i => $"word{i} key "));
        Assert.Equal([new QueryTerm(key, ChunkTerms.MaxFrequency)], QueryTerms.Read(Encoding.UTF8.GetBytes(words), table).Different);
    }

    private sealed class Store
    {
        private readonly LsiModel _model;
        private readonly float[][] _vectors;
        private readonly List<ChunkTerms> _chunks;
        private readonly HybridRanking _ranking;

        internal Store(List<ChunkTerms> chunks)
        {
            _chunks = chunks;
            for (int i = 0; i < chunks.Count; i++)
                Index.Add((uint)i, chunks[i]);
            _model = Topics.Fit(chunks, new LsiOptions { Dimensions = 64 });
            _vectors = [.. chunks.Select(chunk =>
            {
                float[] vector = new float[_model.Dimensions];
                _model.Embed(chunk, vector);
                return vector;
            })];
            _ranking = new HybridRanking(Index, chunk => chunks[(int)chunk], TermStatistics.Of(Index));
        }

        internal InvertedIndex Index { get; } = new();

        internal FusionWeights Measure() => Calibration.Measure(_chunks.Take(100).Select(static (terms, i) => new PendingChunk((uint)i, terms)), Index, _model.Embed, Near, 1, TestContext.Current.CancellationToken);

        internal List<ScoredChunk> Search(QueryTerms query, FusionWeights weights, ulong[]? allowed)
        {
            float[] vector = new float[_model.Dimensions];
            float known = _model.Embed(query.Terms, vector);
            return _ranking.Search(query, known > 0 ? vector : [], known, Near, weights, allowed);
        }

        private int Near(ReadOnlySpan<float> vector, ulong[]? allowed, Span<ScoredChunk> results)
        {
            BestChunks best = new(results);
            for (int i = 0; i < _vectors.Length; i++)
            {
                if (allowed is null || (allowed[i >> 6] >> (i & 63) & 1) != 0)
                    best.Offer(new ScoredChunk((uint)i, DenseRows.Dot(vector, _vectors[i])));
            }

            best.Sort();
            return best.Count;
        }
    }
}

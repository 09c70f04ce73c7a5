using System.Text;
using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Tests.Semantic;

public sealed class HashedEmbedderTests
{
    [Fact]
    public void Texts_with_words_in_common_are_nearer_than_others_from_the_first_file_on()
    {
        TermTable table = new();
        for (int i = 0; i < 100; i++)
            table.Add(Encoding.UTF8.GetBytes($"word{i}"));
        InvertedIndex index = new();
        HashedEmbedder embedder = new(table, index);
        float[] Embed(params int[] terms)
        {
            float[] vector = new float[HashedEmbedder.Dimensions];
            Assert.True(embedder.Embed(ChunkTerms.From(terms), vector));
            Assert.Equal(1, DenseRows.Dot(vector, vector), 1e-4);
            return vector;
        }

        index.Add(0, ChunkTerms.From([1, 2, 3]));
        index.Add(1, ChunkTerms.From([3, 4, 5]));
        Assert.Equal(Embed(1, 2, 3), Embed(3, 2, 1));
        Assert.True(DenseRows.Dot(Embed(1, 2, 3, 4), Embed(1, 2, 3, 5)) > 0.5f);
        Assert.InRange(DenseRows.Dot(Embed(1, 2, 3, 4), Embed(50, 51, 52, 53)), -0.5f, 0.5f);
    }

    [Fact]
    public void No_words_are_no_vector() =>
        Assert.False(new HashedEmbedder(new TermTable(), new InvertedIndex()).Embed(ChunkTerms.From([]), new float[HashedEmbedder.Dimensions]));
}

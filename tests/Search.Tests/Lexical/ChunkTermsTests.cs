using ClawFS.Search.Lexical;

namespace ClawFS.Search.Tests.Lexical;

public sealed class ChunkTermsTests
{
    [Fact]
    public void Terms_come_back_sorted_with_their_counts()
    {
        Random random = Seed.Random();
        for (int round = 0; round < 500; round++)
        {
            int[] terms = [.. Enumerable.Range(0, random.Next(2000)).Select(_ => random.Next(4) == 0 ? 7 : random.Next(1 << random.Next(1, 31)))];
            List<(int, int)> expected = [.. terms.GroupBy(static term => term).OrderBy(static group => group.Key).Select(static group => (group.Key, Math.Min(group.Count(), ChunkTerms.MaxFrequency)))];
            ChunkTerms made = ChunkTerms.From([.. terms]);
            ChunkTerms read = ChunkTerms.Parse(made.Bytes, int.MaxValue);
            foreach (ChunkTerms each in new[] { made, read })
            {
                List<(int, int)> found = [];
                foreach ((int term, int frequency) in each)
                    found.Add((term, frequency));
                Assert.Equal(expected, found);
                Assert.Equal((expected.Count, terms.Length), (each.Count, each.Total));
            }
        }
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_harmless()
    {
        Random random = Seed.Random();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = ChunkTerms.From([.. Enumerable.Range(0, random.Next(50)).Select(_ => random.Next(1000))]).Bytes.ToArray();
            bytes = bytes[..random.Next(bytes.Length + 1)];
            for (int i = random.Next(4); i > 0 && bytes.Length > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                int before = -1;
                foreach ((int term, int frequency) in ChunkTerms.Parse(bytes, 1000))
                {
                    Assert.InRange(term, before + 1, 999);
                    Assert.InRange(frequency, 1, ChunkTerms.MaxFrequency);
                    before = term;
                }
            }
            catch (InvalidDataException)
            {
                // Refused, which is what most damage should come to.
            }
        }
    }

    [Fact]
    public void A_term_that_the_table_does_not_have_is_refused()
    {
        ChunkTerms terms = ChunkTerms.From([5, 10]);
        Assert.Equal(2, ChunkTerms.Parse(terms.Bytes, 11).Count);
        Assert.Throws<InvalidDataException>(() => ChunkTerms.Parse(terms.Bytes, 10));
    }
}

using System.Text;
using ClawFS.Search.Lexical;

namespace ClawFS.Search.Tests.Lexical;

public sealed class TermTableTests
{
    [Fact]
    public void Numbers_are_given_in_order_and_lead_back_to_the_terms()
    {
        TermTable table = new();
        for (int i = 0; i < 200_000; i++)
            Assert.Equal(i, table.Add(Term(i)));
        Assert.Equal(200_000, table.Count);
        for (int i = 0; i < 200_000; i++)
        {
            Assert.Equal(i, table.Add(Term(i)));
            Assert.Equal(i, table.Find(Term(i)));
            Assert.True(table[i].SequenceEqual(Term(i)));
        }

        Assert.Equal(-1, table.Find("never added"u8));
        Assert.InRange(table.MemoryBytes, 200_000 * 12, 200_000 * 60);
    }

    [Fact]
    public void Terms_of_up_to_255_bytes_are_kept()
    {
        TermTable table = new();
        Assert.Equal(0, table.Add(""u8));
        Assert.Equal(1, table.Add(new byte[255]));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add(new byte[256]));
        Assert.Equal(255, table[1].Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => table[2].Length);
    }

    [Fact]
    public void Threads_that_add_the_same_terms_agree_on_their_numbers()
    {
        TermTable table = new();
        int[][] numbers = [.. Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).WithExecutionMode(ParallelExecutionMode.ForceParallelism)
            .Select(worker => Enumerable.Range(0, 50_000).Select(i => (i * 7919) + worker).Select(i => i % 50_000).Select(i => (i, table.Add(Term(i)))).OrderBy(static pair => pair.i).Select(static pair => pair.Item2).ToArray())];
        Assert.All(numbers, each => Assert.Equal(numbers[0], each));
        Assert.Equal(50_000, numbers[0].Distinct().Count());
        Assert.Equal(50_000, table.Count);
    }

    private static byte[] Term(int number) => Encoding.UTF8.GetBytes($"term{number}");
}

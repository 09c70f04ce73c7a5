using ClawFS.Search.Index;
using ClawFS.Search.Lexical;

namespace ClawFS.Search.Tests.Index;

public sealed class RenumberingTests(ITestOutputHelper output)
{
    [Fact]
    public void Words_of_files_that_are_gone_leave_the_memory_and_the_others_are_found_all_the_while()
    {
        using IndexedStore store = new();
        store.Close();
        store.Renumbering = new Renumbering(leastTerms: 300, leastChunks: 100);
        store.Open();
        store.Write("stays.md", "The heron stands in shallow water.");
        store.Until(static now => now.Files == 1 && now.Waiting == 0, "the first file");
        Random random = Seed.Random();
        int most = 0;
        for (int round = 0; round < 40; round++)
        {
            store.Write($"log{round}", string.Join(' ', Enumerable.Range(0, 200).Select(_ => $"w{random.Next():x8}")));
            int files = Math.Min(round, 2) + 2;
            if (round >= 3)
            {
                store.Delete($"log{round - 3}");
                files = 4;
            }
            most = Math.Max(most, store.Until(now => now.Files == files && now.Waiting == 0, $"round {round}").Terms);
            Assert.Equal(["memory/stays.md"], Paths(store, "heron"));
        }
        output.WriteLine($"at most {most} terms of {40 * 200} that came");
        // Five files at most live at a time; while files come it is done at four times what lived at the last look.
        Assert.InRange(most, 600, 4500);
        store.Until(static now => now.Terms < 2200, "idle");
        Assert.Equal(["memory/stays.md"], Paths(store, "shallow water"));
        store.Close();
        store.Open();
        store.Until(static now => now.Files == 4 && now.State == "ready", "opened again");
        Assert.Equal(["memory/stays.md"], Paths(store, "heron"));
        Assert.Empty(store.Reports);
    }

    [Fact]
    public void Vectors_are_made_anew_for_the_new_numbers()
    {
        // 22 files of each topic.
        const int Files = 264, Topics = 12, Asked = 3;
        using IndexedStore store = new();
        store.Close();
        store.Renumbering = new Renumbering(leastTerms: 2000, leastChunks: 100_000);
        store.Open();
        TopicFiles topics = new(Seed.Random());
        for (int i = 0; i < Files; i++)
            store.Write($"f{i}.txt", topics.Text(i % Topics));
        store.UntilSaved(1, Files);
        string question = topics.Question(Asked);
        string[] about = [.. Enumerable.Range(0, Files).Where(static i => i % Topics == Asked).Select(static i => $"memory/f{i}.txt")];
        Assert.Subset(about.ToHashSet(), Near(store, question).ToHashSet());
        for (int i = 0; i < 4; i++)
        {
            store.Write($"noise{i}", string.Join(' ', Enumerable.Range(0, 4000).Select(word => $"n{i}x{word:x5}")));
            // Seen between its making and its writing the file is empty, and nothing may wait yet: only what is found has been read.
            store.Until(_ => Paths(store, $"n{i}x{99:x5}").Contains($"memory/noise{i}"), "noise");
            store.Delete($"noise{i}");
            store.Until(static now => now.Files == Files && now.Waiting == 0, "no noise");
        }

        IndexStatus status = store.Until(static now => now.Terms < 14_000 && now.Embedded == Files && now.Fits == 2 && now.State == "ready", "renumbered");
        output.WriteLine(status.ToString());
        // Another fit may put another two of them last, and only as many of these files are shown as were asked for.
        string[] anew = Near(store, question);
        Assert.Equal(20, anew.Length);
        Assert.Subset(about.ToHashSet(), anew.ToHashSet());
        store.UntilSaved(2, Files);
        store.Close();
        store.Open();
        Assert.Equal(0, store.UntilSaved(2, Files).Fits);
        Assert.Equal(anew, Near(store, question));
        Assert.Empty(store.Reports);
    }

    [Fact]
    public void Terms_keep_their_counts_under_other_numbers()
    {
        Random random = Seed.Random();
        for (int round = 0; round < 200; round++)
        {
            int[] terms = [.. Enumerable.Range(0, random.Next(300)).Select(_ => random.Next(1000))];
            ChunkTerms old = ChunkTerms.From([.. terms]);
            int[] numbers = new int[1000];
            int next = 0;
            foreach (int term in terms.Distinct().Order())
            {
                numbers[term] = next++;
            }
            ChunkTerms wanted = ChunkTerms.From([.. terms.Select(term => numbers[term])]);
            ChunkTerms made = old.Renumbered(numbers);
            Assert.Equal(wanted.Bytes.ToArray(), made.Bytes.ToArray());
            Assert.Equal((wanted.Count, wanted.Total, wanted.Last), (made.Count, made.Total, made.Last));
        }
    }

    private static string[] Near(IndexedStore store, string question) => [.. store.Near(question).Select(static hit => hit.Path).Order(StringComparer.Ordinal)];

    private static string[] Paths(IndexedStore store, string question) => [.. store.Service.Search(question, new SearchOptions(20, RankingMode.Words, 64)).Hits.Select(static hit => hit.Path).Order(StringComparer.Ordinal)];
}

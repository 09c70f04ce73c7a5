using ClawFS.Search.Index;
using ClawFS.Store;

namespace ClawFS.Search.Tests.Index;

public sealed class VectorsSavedTests
{
    private const int Files = 260;

    [Theory]
    [InlineData("resident")]
    [InlineData("compact")]
    public void An_opening_finds_the_same_as_before_without_a_fit(string vectors)
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        Assert.Null(IndexSettings.TryParse($"vectors={vectors}", out IndexSettings settings));
        Assert.Null(store.Service.Change(settings));
        TopicFiles topics = new(random);
        for (int i = 0; i < Files; i++)
            store.Write($"f{i}.txt", topics.Text());
        IndexStatus before = store.UntilSaved(1, Files);
        Assert.Equal(1, before.Fits);
        string[] questions = [.. Enumerable.Range(0, 12).Select(topics.Question)];
        (string, double)[][] answers = [.. questions.Select(question => store.Near(question))];
        Assert.All(answers, answer => Assert.Equal(20, answer.Distinct().Count()));
        store.Close();
        store.Open();
        IndexStatus after = store.UntilSaved(1, Files);
        Assert.Equal((0, before.Embedded), (after.Fits, after.Embedded));
        Assert.Empty(store.Reports);
        for (int i = 0; i < questions.Length; i++)
            Assert.Equal(answers[i], store.Near(questions[i]));
    }

    [Fact]
    public void What_changed_while_the_index_was_closed_is_caught_up()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        TopicFiles topics = new(random);
        for (int i = 0; i < Files; i++)
            store.Write($"f{i}.txt", topics.Text());
        store.UntilSaved(1, Files);
        string moved = topics.Text(3);
        for (int round = 0; round < 4; round++)
        {
            store.Close();
            for (int i = 0; i < 40; i++)
                store.Delete($"f{(round * 40) + i}.txt");
            for (int i = 0; i < 40; i++)
                store.Write($"f{(round * 40) + i}.txt", i % 4 == 0 ? moved : topics.Text());
            store.Open();
            IndexStatus status = store.UntilSaved(1, Files);
            Assert.Equal(0, status.Fits);
            // Ten files a round are of one text: all are found, each once.
            HashSet<string> same = [.. store.Near(moved, 10 * (round + 1)).Where(static hit => hit.Score > 0.999).Select(static hit => hit.Path)];
            Assert.Equal(Enumerable.Range(0, 10 * (round + 1)).Select(static i => $"memory/f{(i / 10 * 40) + (i % 10 * 4)}.txt").Order(), same.Order());
        }
        Assert.Empty(store.Reports);
    }

    [Fact]
    public void A_log_that_was_written_anew_gives_chunks_other_numbers_and_vectors_find_them()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        TopicFiles topics = new(random);
        Dictionary<string, string> texts = [];
        for (int i = 0; i < Files; i++)
            store.Write($"f{i}.txt", texts[$"f{i}.txt"] = topics.Text());
        store.UntilSaved(1, Files);
        foreach (string gone in texts.Keys.Where(_ => random.Next(3) == 0).ToArray())
        {
            store.Delete(gone);
            texts.Remove(gone);
        }
        store.UntilSaved(1, texts.Count);
        store.Close();
        RewriteLog(store.Tree);
        store.Open();
        IndexStatus status = store.UntilSaved(1, texts.Count);
        Assert.Equal(0, status.Fits);
        Assert.Empty(store.Reports);
        foreach ((string name, string text) in texts)
            Assert.Contains(store.Near(text, 3), hit => hit.Path == $"memory/{name}" && hit.Score > 0.999);
    }

    [Fact]
    public void Without_its_index_log_a_generation_is_refused_with_the_reason_and_made_anew()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        TopicFiles topics = new(random);
        for (int i = 0; i < Files; i++)
            store.Write($"f{i}.txt", topics.Text());
        store.UntilSaved(1, Files);
        store.Close();
        HiddenFile.Delete(store.Tree, LogWriter.FileName);
        store.Delete("f0.txt");
        store.Open();
        IndexStatus status = store.UntilSaved(2, Files - 1);
        Assert.Equal(1, status.Fits);
        Assert.Contains(store.Reports, static line => line.Contains("generation 1", StringComparison.Ordinal) && line.Contains("other terms", StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_store_costs_nothing_but_the_next_opening_and_is_made_up_for()
    {
        Random random = Seed.Random();
        using IndexedStore store = new(quota: 4 << 20);
        store.Close();
        TopicFiles topics = new(random);
        for (int i = 0; i < Files; i++)
            store.Write($"f{i}.txt", topics.Text());
        HiddenFile ballast = new(store.Tree, "ballast");
        Assert.Contains("QUOT", Fill(ballast).Message, StringComparison.Ordinal);
        store.Open();
        IndexStatus status = store.Until(static now => now.Embedded == Files && now.Trouble is not null, "made in memory, and told");
        store.Until(static now => now.Trouble?.Contains("vectors are not saved", StringComparison.Ordinal) == true, "the vectors");
        Assert.Equal(20, store.Near(topics.Question(1)).Length);
        ballast.Truncate(0);
        store.UntilSaved(status.Fits, Files);
        store.Until(static now => now.Trouble is null, "no trouble");
        store.Close();
        store.Open();
        Assert.Equal(0, store.UntilSaved(status.Fits, Files).Fits);
    }

    [Fact]
    public void Many_new_words_are_a_reason_for_a_fit_and_the_old_vectors_go()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        TopicFiles topics = new(random), others = new(random, "zz");
        // Written while nobody looks, so that the fit is of all of them.
        store.Close();
        for (int i = 0; i < 2 * Files; i++)
            store.Write($"f{i}.txt", topics.Text());
        store.Open();
        store.UntilSaved(1, 2 * Files);
        for (int i = 0; i < Files; i++)
            store.Write($"same{i}.txt", topics.Text());
        Assert.Equal(1, store.UntilSaved(1, 3 * Files).Fits);
        for (int i = 0; i < Files - 20; i++)
            store.Write($"new{i}.txt", others.Text());
        // Fewer than twice the chunks: the words are the reason.
        IndexStatus status = store.Until(static now => now.Fits == 2 && now.Embedder.EndsWith("generation 2", StringComparison.Ordinal), "a second fit");
        Assert.True(status.Chunks < 4 * Files);
        store.UntilSaved(2, (4 * Files) - 20);
        Assert.False(HiddenFile.Exists(store.Tree, GenerationFiles.Rows(1)));
    }

    private static StoreException Fill(HiddenFile ballast)
    {
        byte[] page = new byte[4096];
        try
        {
            while (true)
                ballast.Append(page);
        }
        catch (StoreException full)
        {
            return full;
        }
    }

    /// <summary>As the service does when the log has grown: only what lives, in another order.</summary>
    private static void RewriteLog(StoredTree tree)
    {
        RecordLog log = new(tree, LogWriter.FileName, LogWriter.Magic);
        IndexState state = new();
        log.Load((kind, _, record) => IndexRecords.Apply((RecordKind)kind, record, state), IndexedStore.Cancel);
        LogWriter writer = new(log, static _ => { });
        writer.Loaded(state);
        Assert.True(writer.TryRewrite(state));
    }
}

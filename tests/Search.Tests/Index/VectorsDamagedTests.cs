using ClawFS.Search.Index;
using ClawFS.Search.Lexical;
using ClawFS.Store;

namespace ClawFS.Search.Tests.Index;

/// <summary>What a kill can leave of the saved vectors, and what only a bug could have written.</summary>
public sealed class VectorsDamagedTests
{
    private const int Files = 220;

    [Fact]
    public void A_log_that_is_cut_off_anywhere_is_caught_up_or_made_anew()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        Dictionary<string, string> texts = Fill(store, random);
        store.Close();
        byte[] log = Content(store.Tree, GenerationFiles.Log(1)), rows = Content(store.Tree, GenerationFiles.Rows(1));
        int generation = 1;
        for (int round = 0; round < 6; round++)
        {
            // The one, the other, or both; a cut behind the last commit is what a kill leaves.
            if (round % 3 != 1)
                Put(store.Tree, GenerationFiles.Log(generation), log.AsSpan(..random.Next(log.Length)));
            if (round % 3 != 0)
                Put(store.Tree, GenerationFiles.Rows(generation), rows.AsSpan(..random.Next(rows.Length)));
            store.Open();
            generation = int.Parse(store.Until(static now => now.State == "ready" && now.Embedded == now.Chunks && now.Chunks > 0, "all chunks").Embedder.Split(' ')[^1]);
            store.UntilSaved(generation, Files);
            CheckAll(store, texts);
            store.Close();
            log = Content(store.Tree, GenerationFiles.Log(generation));
            rows = Content(store.Tree, GenerationFiles.Rows(generation));
        }
    }

    [Fact]
    public void Flipped_bytes_are_refused_by_an_exception_or_give_vectors_of_this_store()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        Fill(store, random);
        store.Close();
        byte[] log = Content(store.Tree, GenerationFiles.Log(1)), rows = Content(store.Tree, GenerationFiles.Rows(1));
        IndexState state = store.LoadLog();
        int refused = 0, read = 0;
        for (int round = 0; round < 150; round++)
        {
            Put(store.Tree, GenerationFiles.Log(1), Flipped(log, random, 1 + random.Next(4)));
            Put(store.Tree, GenerationFiles.Rows(1), round % 2 == 0 ? rows : Flipped(rows, random, 50));
            try
            {
                Generation generation = GenerationReader.Read(store.Tree, 1, state, static (_, _) => null, isReadOnly: false, static _ => { }, IndexedStore.Cancel);
                Assert.InRange(generation.Count, 0, Files);
                for (uint chunk = 0; chunk < state.Chunks.Count; chunk++)
                    Assert.True(!generation.Contains(chunk) || generation.Rows[chunk].Id == ChunkIdentity.Of(state.Chunks[chunk]));
                float[] question = [.. Enumerable.Range(0, generation.Dimensions).Select(_ => random.NextSingle() - 0.5f)];
                ScoredChunk[] found = new ScoredChunk[20];
                int count = generation.Near(60)(question, null, found);
                Assert.Equal(Math.Min(20, generation.Count), found[..count].DistinctBy(static hit => hit.Chunk).Count());
                generation.Release();
                read++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{refused} refused, {read} read");
        Assert.True(refused > 10 && read > 10);
    }

    [Fact]
    public void What_a_kill_left_of_another_generation_or_of_a_rewritten_log_is_of_no_matter()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        Dictionary<string, string> texts = Fill(store, random);
        store.Close();
        byte[] log = Content(store.Tree, GenerationFiles.Log(1)), rows = Content(store.Tree, GenerationFiles.Rows(1));
        // In the middle of a fit; in the middle of writing the log anew.
        Put(store.Tree, GenerationFiles.Log(2), log.AsSpan(..(log.Length / 2)));
        Put(store.Tree, GenerationFiles.Rows(2), rows.AsSpan(..(rows.Length / 2)));
        Put(store.Tree, GenerationFiles.Log(1) + ".new", log.AsSpan(..(log.Length / 3)));
        store.Open();
        Assert.Equal(0, store.UntilSaved(1, Files).Fits);
        Assert.False(HiddenFile.Exists(store.Tree, GenerationFiles.Log(2)));
        CheckAll(store, texts);
        // Between the switch and the end of the old files: those of 1 are there, 2 counts.
        Assert.Null(store.Service.Change(store.Service.Settings with { M = 8 }));
        Assert.Equal(0, store.UntilSaved(2, Files).Fits);
        store.Close();
        Put(store.Tree, GenerationFiles.Log(1), log);
        Put(store.Tree, GenerationFiles.Rows(1), rows);
        store.Open();
        Assert.Equal(0, store.UntilSaved(2, Files).Fits);
        Assert.False(HiddenFile.Exists(store.Tree, GenerationFiles.Rows(1)));
        CheckAll(store, texts);
        Assert.Empty(store.Reports);
    }

    [Fact]
    public void A_row_that_was_given_to_another_chunk_is_not_taken_for_the_old_ones()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        Dictionary<string, string> texts = Fill(store, random);
        store.Close();
        // Power went after the rows were written and before the log was: rows lie in other places than it says.
        byte[] rows = Content(store.Tree, GenerationFiles.Rows(1));
        int stride = rows.Length / Files;
        for (int row = 0; row + 1 < Files; row += 2)
        {
            byte[] first = rows[(row * stride)..((row + 1) * stride)];
            rows.AsSpan((row + 1) * stride, stride).CopyTo(rows.AsSpan(row * stride));
            first.CopyTo(rows, (row + 1) * stride);
        }
        Put(store.Tree, GenerationFiles.Rows(1), rows);
        store.Open();
        Assert.Equal(0, store.UntilSaved(1, Files).Fits);
        CheckAll(store, texts);
    }

    /// <summary>Each file is the nearest to its own text, and no file comes twice.</summary>
    private static void CheckAll(IndexedStore store, Dictionary<string, string> texts)
    {
        foreach ((string name, string text) in texts)
        {
            (string Path, double Score)[] near = store.Near(text, 10);
            Assert.Contains(near, hit => hit.Path == $"memory/{name}" && hit.Score > 0.999);
            Assert.Equal(near.Length, near.DistinctBy(static hit => hit.Path).Count());
        }
    }

    private static Dictionary<string, string> Fill(IndexedStore store, Random random)
    {
        TopicFiles topics = new(random);
        Dictionary<string, string> texts = [];
        for (int i = 0; i < Files; i++)
            store.Write($"f{i}.txt", texts[$"f{i}.txt"] = topics.Text());
        store.UntilSaved(1, Files);
        return texts;
    }

    private static byte[] Flipped(byte[] content, Random random, int count)
    {
        byte[] flipped = [.. content];
        for (int i = 0; i < count; i++)
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    private static byte[] Content(StoredTree tree, string name)
    {
        HiddenFile file = new(tree, name);
        byte[] content = new byte[file.Length];
        Assert.Equal(content.Length, file.Read(0, content));
        return content;
    }

    private static void Put(StoredTree tree, string name, ReadOnlySpan<byte> content)
    {
        HiddenFile file = new(tree, name);
        file.Truncate(0);
        file.Append(content);
    }
}

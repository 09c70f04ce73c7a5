using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;
using ClawFS.Vfs;

namespace ClawFS.Store.Tests.Commit;

public sealed class CleanerTests(ITestOutputHelper output)
{
    private const int Block = Extent.BlockSize;

    [Fact]
    public void After_scattered_overwrites_the_segments_hold_at_most_1_3_times_what_lives()
    {
        var random = new Random(Seed.For(output));
        using var store = new StoreFixture(cleaningSlack: 0);
        ulong file = store.User.File(TreeUser.Root, "f");
        byte[] content = new byte[1024 * Block];
        random.NextBytes(content);
        Fill(store, file, content);
        for (int round = 0; round < 4; round++)
        {
            store.Reopen();
            for (int i = 0; i < 600; i++)
            {
                int at = random.Next(content.Length / Block) * Block;
                random.NextBytes(content.AsSpan(at, Block));
                store.User.Write(file, (ulong)at, content.AsSpan(at, Block));
            }
        }
        store.Reopen();
        Attr before = store.User.Attr(file);
        CleanAll(store);
        long stored = StoredBytes(store);
        long live = store.Store.Statistics.LiveBytes;
        output.WriteLine($"{stored} bytes stored, {live} alive, {store.Store.Cleaner.CopiedBytes} copied");
        Assert.True(store.Store.Cleaner.CopiedBytes > 0);
        Assert.True(stored <= 1.3 * live, $"{stored} bytes are stored for {live} that live");
        Attr after = store.User.Attr(file);
        Assert.Equal((before.Size, before.Blocks, before.Mtime, before.Ctime), (after.Size, after.Blocks, after.Mtime, after.Ctime));
        Assert.Equal(content, ReadAll(store, file, content.Length));
        store.IsClean();
        using StoreFixture killed = store.Copy();
        Assert.Equal(content, ReadAll(killed, file, content.Length));
        killed.IsClean();
        Assert.Empty(store.Reports);
    }

    [Fact]
    public void A_large_file_that_is_written_over_again_and_again_asks_for_a_commit_that_gives_its_space_back()
    {
        using var store = new StoreFixture();
        ulong file = store.User.File(TreeUser.Root, "f");
        byte[] content = new byte[1 << 20];
        using (store.Store.Checkpoints.Pause())
        {
            store.User.Write(file, 0, content);
            for (int i = 0; i < 60; i++)
            {
                store.User.Write(file, 0, content);
            }
            Assert.False(store.Store.Checkpoints.IsRequested);
            for (int i = 0; i < 6; i++)
            {
                store.User.Write(file, 0, content);
            }
            Assert.True(store.Store.Checkpoints.IsRequested);
        }
        store.IsClean();
    }

    [Fact]
    public void Short_segments_of_many_starts_become_few()
    {
        using var store = new StoreFixture();
        for (int i = 0; i < 40; i++)
        {
            store.User.Write(store.User.File(TreeUser.Root, $"f{i}"), 0, BitConverter.GetBytes(i));
            store.Reopen();
        }
        CleanAll(store);
        Assert.InRange(store.Store.Statistics.Segments, 1, 18);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(BitConverter.GetBytes(i), store.User.ReadAll(store.User.Peek(TreeUser.Root, $"f{i}")));
        }
        store.IsClean();
    }

    [Fact]
    public void A_file_of_a_segment_that_is_kept_for_a_check_is_no_stray()
    {
        using var store = new StoreFixture();
        store.User.Write(store.User.File(TreeUser.Root, "f"), 0, new byte[Block]);
        store.Reopen();
        store.Store.Checkpoints.HoldSpace(true);
        TreeUser.Ok(store.User.Unlink(TreeUser.Root, "f"));
        store.Store.Commit();
        Assert.Equal(0, store.Store.Statistics.Segments);
        Assert.Single(Directory.GetFiles(store.File("seg")));
        store.IsClean();
        store.User.Folder(TreeUser.Root, "d");
        store.Store.Commit();
        Assert.Empty(Directory.GetFiles(store.File("seg")));
    }

    [Fact]
    public void A_damaged_block_stays_where_it_is_and_is_reported_once()
    {
        using var store = new StoreFixture(cleaningSlack: 0);
        ulong file = store.User.File(TreeUser.Root, "f");
        byte[] content = new byte[8 * Block];
        new Random(1).NextBytes(content);
        store.User.Write(file, 0, content);
        store.User.Write(file, 0, content.AsSpan(0, 4 * Block));
        store.Reopen(() =>
        {
            // The last block of the first write: the fourth of the four that live in its place.
            string segment = Directory.GetFiles(store.File("seg")).Single();
            using FileStream bytes = File.OpenWrite(segment);
            bytes.Position = ClawFS.Store.Segments.SegmentHeader.Size + 7 * Block + 100;
            bytes.Write("damage"u8);
        });
        CleanAll(store);
        store.Store.Commit();
        CleanAll(store);
        Assert.Single(store.Reports);
        Assert.Equal(content[..(7 * Block)], store.User.Read(file, 0, 7 * Block));
        Assert.Equal(Errno.EIO, store.Tree.Read(store.User.Request, file, 0, 7 * Block, new byte[Block], out _));
        Assert.Single(store.Check().Problems);
    }

    [Fact]
    public async Task Random_changes_beside_the_cleaner_agree_with_a_model_through_kills_and_reopens()
    {
        var random = new Random(Seed.For(output));
        using var store = new StoreFixture(cachedInodes: 100, cleaningSlack: 0);
        var model = new Dictionary<string, byte[]>();
        long copied = 0;
        for (int phase = 0; phase < 6; phase++)
        {
            using var stop = new CancellationTokenSource();
            Task commits = Task.Factory.StartNew(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    store.Store.Commit();
                }
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            for (int i = 0; i < 400; i++)
            {
                Change(store, random, model);
                if (i % 150 == 149)
                {
                    using StoreFixture killed = store.Copy();
                    Compare(model, killed);
                    killed.IsClean();
                }
            }
            await stop.CancelAsync();
            await commits;
            copied += store.Store.Cleaner.CopiedBytes;
            Compare(model, store);
            store.Reopen();
            Compare(model, store);
            store.IsClean();
        }
        CleanAll(store);
        copied += store.Store.Cleaner.CopiedBytes;
        output.WriteLine($"{copied} bytes copied");
        Assert.True(copied > 0);
        Compare(model, store);
        store.IsClean();
        Assert.Empty(store.Reports);
    }

    private static void Change(StoreFixture store, Random random, Dictionary<string, byte[]> model)
    {
        string name = $"f{random.Next(20)}";
        if (!model.TryGetValue(name, out byte[]? content))
        {
            store.User.Forget(store.User.File(TreeUser.Root, name));
            content = [];
        }
        else if (random.Next(12) == 0)
        {
            TreeUser.Ok(store.User.Unlink(TreeUser.Root, name));
            model.Remove(name);
            return;
        }
        byte[] data = new byte[random.Next(1, 60_000)];
        random.NextBytes(data);
        int at = random.Next(2) == 0 ? random.Next(400_000) : random.Next(100) * Block;
        Array.Resize(ref content, Math.Max(content.Length, at + data.Length));
        data.CopyTo(content, at);
        store.User.Write(store.User.Peek(TreeUser.Root, name), (ulong)at, data);
        model[name] = content;
    }

    private static void Compare(Dictionary<string, byte[]> model, StoreFixture store)
    {
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), store.User.List(TreeUser.Root).Order(StringComparer.Ordinal));
        foreach ((string name, byte[] content) in model)
        {
            Assert.True(content.AsSpan().SequenceEqual(store.User.ReadAll(store.User.Peek(TreeUser.Root, name))), $"{name} differs");
        }
    }

    private static void CleanAll(StoreFixture store)
    {
        do
        {
            store.Store.Commit();
        }
        while (store.Store.Cleaner.Pass() > 0);
        store.Store.Commit();
    }

    /// <summary>Bytes of the segment files but the one that grows.</summary>
    private static long StoredBytes(StoreFixture store) =>
        Directory.GetFiles(store.File("seg")).Where(f => !f.EndsWith(store.Store.ActiveSegment.ToString("x16", null), StringComparison.Ordinal)).Sum(static f => new FileInfo(f).Length);

    private static void Fill(StoreFixture store, ulong file, byte[] content)
    {
        for (int at = 0; at < content.Length; at += 64 * Block)
        {
            store.User.Write(file, (ulong)at, content.AsSpan(at, 64 * Block));
        }
    }

    private static byte[] ReadAll(StoreFixture store, ulong file, int length) =>
        [.. Enumerable.Range(0, length / Content.MaxRequest).SelectMany(i => store.User.Read(file, (ulong)i * Content.MaxRequest, Content.MaxRequest))];
}

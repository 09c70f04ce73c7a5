using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Rows;

public sealed class RowModelTests
{
    [Fact]
    public void Random_commits_and_reopenings_behave_like_a_dictionary()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var fixture = new RowFixture();
        var model = new Dictionary<ulong, byte[]>();
        ulong[] ids = [.. Enumerable.Range(0, 400).Select(_ => RowIds.First + (ulong)random.NextInt64(0, 1L << random.Next(1, 53)))];
        var batch = new RowBatch();
        for (int commit = 0; commit < 150; commit++)
        {
            byte[] head = Bytes(random, 200);
            for (int i = random.Next(60); i > 0; i--)
                Change(random, ids[random.Next(ids.Length)], batch, model);
            fixture.Rows.Commit(batch, head);
            batch.Clear();
            Assert.Equal(head, fixture.Rows.Head);
            ulong probe = ids[random.Next(ids.Length)];
            Assert.Equal(model.GetValueOrDefault(probe), fixture.Get(probe));
            if (random.Next(10) == 0)
                fixture.Reopen(orderly: random.Next(2) == 0);
        }
        Assert.Equal(model.Keys.Order(), fixture.Rows.Ids());
        Assert.Equal(model.Count, fixture.Rows.Count);
        Assert.Empty(fixture.Rows.Strays());
        foreach (ulong id in ids)
            Assert.Equal(model.GetValueOrDefault(id), fixture.Get(id));
    }

    [Fact]
    public async Task Readers_beside_a_writer_see_the_old_row_or_the_new_one()
    {
        using var fixture = new RowFixture();
        const int count = 2000;
        var batch = new RowBatch();
        void Commit(byte round)
        {
            batch.Clear();
            for (ulong id = 2; id < count; id++)
                batch.Put(id, RowKind.Inode, [.. Enumerable.Repeat(round, 50)]);
            fixture.Rows.Commit(batch, default);
        }
        Commit(0);
        fixture.Reopen();
        bool done = false;
        long reads = 0;
        Task[] readers = [.. Enumerable.Range(1, 6).Select(seed => Task.Factory.StartNew(() => ReadUntilDone(seed), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        for (byte round = 1; round < 15; round++)
            Commit(round);
        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
        Assert.InRange(reads, 100, long.MaxValue);

        void ReadUntilDone(int seed)
        {
            var random = new Random(seed);
            byte[] buffer = new byte[50];
            while (!Volatile.Read(ref done))
            {
                Assert.True(fixture.Rows.Read((ulong)random.Next(2, count), RowKind.Inode, ref buffer, out int length));
                Assert.Equal(50, length);
                Assert.Equal(-1, buffer.AsSpan(0, length).IndexOfAnyExcept(buffer[0]));
                Interlocked.Increment(ref reads);
            }
        }
    }

    private static void Change(Random random, ulong id, RowBatch batch, Dictionary<ulong, byte[]> model)
    {
        if (random.Next(3) == 0)
        {
            batch.Delete(id);
            model.Remove(id);
        }
        else
        {
            byte[] bytes = Bytes(random, random.Next(20) == 0 ? 20_000 : 300);
            batch.Put(id, RowKind.Inode, bytes);
            model[id] = bytes;
        }
    }

    private static byte[] Bytes(Random random, int most)
    {
        byte[] bytes = new byte[random.Next(most)];
        random.NextBytes(bytes);
        return bytes;
    }
}

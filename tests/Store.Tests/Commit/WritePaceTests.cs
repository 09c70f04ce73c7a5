using ClawFS.Store.Objects;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Commit;

public sealed class WritePaceTests(ITestOutputHelper output)
{
    [Fact]
    public void Writers_wait_while_commits_do_not_come_and_no_longer_once_they_do()
    {
        using var store = new StoreFixture();
        ulong file = store.User.File(TreeUser.Root, "f");
        byte[] content = new byte[1 << 20];
        using (store.Store.Checkpoints.Pause())
        {
            for (int i = 0; i < 97; i++)
            {
                store.User.Write(file, 0, content);
            }
            Assert.Equal(0, store.Store.Statistics.WritesHeldBack);
            for (int i = 0; i < 4; i++)
            {
                store.User.Write(file, 0, content);
            }
        }
        long waited = store.Store.Statistics.WritesHeldBack;
        output.WriteLine($"{waited} of 101 writes waited, {store.Store.State.Segments.Excess >> 20} MiB are dead");
        Assert.InRange(waited, 2, 4);
        Drain(store);
        store.User.Write(file, 0, content);
        Assert.Equal(waited, store.Store.Statistics.WritesHeldBack);
        store.IsClean();
    }

    [Fact]
    public void What_writers_that_never_rest_leave_dead_stays_bounded()
    {
        using var store = new StoreFixture(cleaningSlack: 0);
        int seed = Seed.For(output);
        ulong[] files = [.. Enumerable.Range(0, 3).Select(i => store.User.File(TreeUser.Root, $"f{i}"))];
        long worst = 0;
        Parallel.ForEach(files, file =>
        {
            Random random = new(seed ^ (int)file);
            byte[] content = new byte[64 << 10];
            for (int i = 0; i < 4000; i++)
            {
                store.User.Write(file, (ulong)random.Next(32) * 65536, content);
                InterlockedMax(ref worst, store.Store.State.Segments.Excess);
            }
        });
        output.WriteLine($"{3 * 4000 * 64 >> 10} MiB written, at most {worst >> 20} MiB dead at a time, {store.Store.Statistics.WritesHeldBack} writes waited");
        // Writers wait from 96 MiB on; a pass of the cleaner adds up to 64 MiB of copies before a commit gives the originals back.
        Assert.InRange(worst, 0, (96L + 64 + 8) << 20);
        store.IsClean();
    }

    [Fact]
    public void Space_that_is_held_for_a_backup_holds_no_writer_back()
    {
        using var store = new StoreFixture();
        ulong file = store.User.File(TreeUser.Root, "f");
        byte[] content = new byte[1 << 20];
        store.Store.HoldForBackup(_ =>
        {
            for (int i = 0; i < 110; i++)
            {
                store.User.Write(file, 0, content);
            }
        });
        Assert.Equal(0, store.Store.Statistics.WritesHeldBack);
        store.IsClean();
    }

    [Fact]
    public void A_segment_that_cannot_be_emptied_holds_writers_back_no_longer_than_until_the_cleaner_has_tried()
    {
        using var store = new StoreFixture(mostExcess: 64 << 10, cleaningSlack: 0);
        ulong damaged = store.User.File(TreeUser.Root, "damaged");
        byte[] content = new byte[256 << 10];
        store.User.Write(damaged, 0, content);
        // All but the last block die where they were written.
        store.User.Write(damaged, 0, content.AsSpan(0, content.Length - 4096));
        store.Reopen(() =>
        {
            string segment = Directory.GetFiles(store.File("seg")).Single();
            using FileStream file = new(segment, FileMode.Open);
            // The run starts on a page: block 63 is the last.
            long place = Extent.BlockSize + (63 * Extent.BlockSize) + 100;
            file.Position = place;
            int sealedByte = file.ReadByte();
            file.Position = place;
            // Whatever it was: what is sealed is another byte each time.
            file.WriteByte((byte)~sealedByte);
        });
        ulong other = store.User.File(TreeUser.Root, "other");
        store.User.Write(other, 0, content.AsSpan(0, 4096));
        Drain(store);
        Assert.Contains("cannot be emptied", Assert.Single(store.Reports), StringComparison.Ordinal);
        Assert.True(store.Store.State.Segments.Excess > 64 << 10);
        long waited = store.Store.Statistics.WritesHeldBack;
        for (int i = 0; i < 4; i++)
        {
            store.User.Write(other, 0, content.AsSpan(0, 4096));
        }
        Assert.Equal(waited, store.Store.Statistics.WritesHeldBack);
    }

    private static void Drain(StoreFixture store)
    {
        do
        {
            store.Store.Commit();
        }
        while (store.Store.Cleaner.Pass() > 0);
        store.Store.Commit();
        store.Store.Pace.NothingToClean(store.Store.ActiveSegment);
    }

    private static void InterlockedMax(ref long most, long value)
    {
        for (long now = Volatile.Read(ref most); value > now; now = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, now);
        }
    }
}

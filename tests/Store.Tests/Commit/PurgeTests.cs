using ClawFS.Store.Objects;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Commit;

public sealed class PurgeTests
{
    private const int Fragments = 12_000;

    [Fact]
    public void A_fragmented_file_ends_in_steps_and_all_its_space_comes_back()
    {
        using var store = new StoreFixture();
        Fragmented(store, "big");
        Assert.Equal(Fragments, store.Store.Statistics.LiveBytes / (1 + 16));
        TreeUser.Ok(store.User.Unlink(TreeUser.Root, "big"));
        using (StoreFixture killed = store.Copy())
        {
            Ended(killed);
        }
        Ended(store);
        store.Reopen();
        Ended(store);
        Assert.Empty(store.Reports);
    }

    [Fact]
    public void An_end_that_a_kill_interrupts_goes_on_at_the_next_opening()
    {
        using var store = new StoreFixture();
        ulong file = Fragmented(store, "big");
        // Somebody holds the file open: the first steps are taken in the copy.
        store.Tree.Lookup(store.User.Request, TreeUser.Root, TreeUser.Bytes("big"), out _);
        TreeUser.Ok(store.User.Unlink(TreeUser.Root, "big"));
        using StoreFixture killed = store.Copy();
        using StoreFixture again = killed.Copy();
        Ended(again);
        Assert.Equal(Fragments, store.Store.Statistics.LiveBytes / (1 + 16));
        store.User.Forget(file);
        Ended(store);
    }

    [Fact]
    public void A_writer_who_finds_the_quota_used_up_gets_what_is_still_ending()
    {
        using var store = new StoreFixture();
        Fragmented(store, "big");
        store.Store.SetQuota(store.Store.Statistics.UsedBytes + 1000);
        TreeUser.Ok(store.User.Unlink(TreeUser.Root, "big"));
        store.User.Write(store.User.File(TreeUser.Root, "next"), 0, new byte[150_000]);
        Assert.Equal(3, store.Store.Statistics.Inodes);
    }

    private static void Ended(StoreFixture store)
    {
        store.Store.Purger.Drain();
        Assert.Equal(0, store.Store.Statistics.LiveBytes);
        Assert.Equal(2, store.Store.Statistics.Inodes);
        Assert.Empty(store.Store.State.Orphans.Members());
        store.IsClean();
    }

    /// <summary>A file of single bytes, each an extent, with no reference of the kernel.</summary>
    private static ulong Fragmented(StoreFixture store, string name)
    {
        ulong file = store.User.File(TreeUser.Root, name);
        byte[] one = [7];
        for (ulong i = 0; i < Fragments; i++)
        {
            store.User.Write(file, i * 2 * Extent.BlockSize, one);
        }
        store.User.Forget(file);
        return file;
    }
}

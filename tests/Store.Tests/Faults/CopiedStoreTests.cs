using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Faults;

public sealed class CopiedStoreTests(ITestOutputHelper output)
{
    [Fact]
    public void A_store_whose_copies_run_on_by_themselves_never_seals_twice_under_one_key_and_nonce()
    {
        int seed = Seed.For(output);
        var places = new SealedPlaces();
        using var store = new StoreFixture();
        var epochs = new Dictionary<ulong, string>();
        Look(places, store, epochs);
        store.Reopen();
        Work(store, places, epochs, seed);
        // Five copies of one moment do the same things, each killed and opened twice.
        for (int i = 0; i < 5; i++)
        {
            StoreFixture copy = store.Copy();
            var own = new Dictionary<ulong, string>(epochs);
            for (int life = 0; life < 3; life++)
            {
                Work(copy, places, own, seed + life);
                StoreFixture next = copy.Copy();
                copy.Dispose();
                copy = next;
            }
            copy.Dispose();
        }
        output.WriteLine($"{places.Count} pairs of rows and records, {places.Segments} segments");
        Assert.InRange(places.Count, 500, int.MaxValue);
        Assert.InRange(places.Segments, 1 + 5 * 3, int.MaxValue);
    }

    private static void Work(StoreFixture store, SealedPlaces places, Dictionary<ulong, string> epochs, int seed)
    {
        var random = new Random(seed);
        ulong folder = store.User.Folder(TreeUser.Root, $"life{store.Store.Statistics.Inodes}");
        for (int i = 0; i < 30; i++)
        {
            ulong file = store.User.File(folder, $"f{i}");
            byte[] data = new byte[random.Next(1, 9000)];
            random.NextBytes(data);
            store.User.Write(file, (ulong)random.Next(5000), data);
            if (i % 10 == 9)
            {
                Look(places, store, epochs);
                store.Store.Commit();
                Look(places, store, epochs);
            }
        }
    }

    private static void Look(SealedPlaces places, StoreFixture store, Dictionary<ulong, string> epochs)
    {
        using StoreFixture files = store.Copy(open: false);
        places.Look(files, epochs);
    }
}

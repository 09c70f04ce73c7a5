using ClawFS.Linux;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Faults;

/// <summary>
/// A disk that is full from one call on, each call in turn: what needs no new space goes on, the rest gets ENOSPC. SQLite's own calls are among them: its WAL, and the copying of the WAL into claw.db.
/// </summary>
public sealed class FullDiskStepTests(ITestOutputHelper output)
{
    private const int Files = 40;
    private const int SampledSteps = 20;

    [Fact]
    public void A_disk_that_fills_up_at_any_step_of_a_commit_takes_nothing_and_works_again_with_space() =>
        EachStep(static (_, _, _) => { }, static store => store.Store.Commit());

    [Fact]
    public void A_disk_that_fills_up_at_any_step_of_the_cleaner_takes_nothing_and_works_again_with_space() => EachStep(
        static (store, contents, random) =>
        {
            // Segments of which little is alive: written by several processes, overwritten since.
            for (int i = 0; i < 4; i++)
            {
                Change(store, contents, random, Files);
                store.Reopen();
            }
            Change(store, contents, random, Files / 2);
            store.Store.Commit();
        },
        static store =>
        {
            Assert.True(store.Store.Cleaner.Pass() > 0, "there is nothing to clean");
            store.Store.Commit();
        });

    [Fact]
    public void A_disk_that_fills_up_at_any_step_of_closing_takes_nothing_and_the_store_can_be_read()
    {
        int seed = Seed.For(output);
        int calls = 0, refused = 0, tried = 0;
        foreach (int step in Steps(() => calls = Closing(seed, int.MaxValue, out _)))
        {
            Closing(seed, step, out bool failed);
            refused += failed ? 1 : 0;
            tried++;
        }
        output.WriteLine($"{tried} of {calls} calls, {refused} refused to close");
        Assert.InRange(refused, 1, tried);
    }

    private void EachStep(Action<StoreFixture, Dictionary<string, byte[]>, Random> prepare, Action<StoreFixture> work)
    {
        int seed = Seed.For(output);
        int calls = 0, refused = 0, tried = 0;
        foreach (int step in Steps(() => calls = Try(seed, int.MaxValue, prepare, work, out _)))
        {
            Try(seed, step, prepare, work, out bool failed);
            refused += failed ? 1 : 0;
            tried++;
        }
        output.WriteLine($"{tried} of {calls} calls, {refused} times the work was refused");
        Assert.InRange(refused, 1, tried);
    }

    private static IEnumerable<int> Steps(Func<int> count)
    {
        int calls = count();
        int stride = Environment.GetEnvironmentVariable("CLAW_LONG") == "1" ? 1 : Math.Max(1, calls / SampledSteps);
        for (int step = 1; step <= calls; step += stride)
        {
            yield return step;
        }
    }

    /// <summary>Does the work on a disk that is full from the given call on; the number of calls.</summary>
    private static int Try(int seed, int fullFrom, Action<StoreFixture, Dictionary<string, byte[]>, Random> prepare, Action<StoreFixture> work, out bool failed)
    {
        var random = new Random(seed);
        var contents = new Dictionary<string, byte[]>();
        using StoreFixture store = Recorded(contents, random, prepare, out RecordingDisk disk);
        using Lock.Scope pause = store.Store.Checkpoints.Pause();
        Change(store, contents, random, Files / 4);
        disk.Fault = call => call.Grows && call.Number >= fullFrom ? Errno.ENOSPC : Errno.Ok;
        failed = Refused(() => work(store));
        int calls = disk.Calls;
        Compare(contents, store, $"call {fullFrom}, full");
        TreeUser.Ok(store.User.Unlink(TreeUser.Root, "f0"));
        contents.Remove("f0");
        TreeUser.Ok(store.User.Truncate(store.User.Peek(TreeUser.Root, "f1"), 0));
        contents["f1"] = [];
        using (StoreFixture killed = store.Copy())
        {
            Compare(contents, killed, $"call {fullFrom}, killed");
            killed.IsClean();
        }
        disk.Fault = null;
        store.Store.Commit();
        Change(store, contents, random, 5);
        Compare(contents, store, $"call {fullFrom}, with space again");
        store.IsClean();
        return calls;
    }

    private static int Closing(int seed, int fullFrom, out bool failed)
    {
        var random = new Random(seed);
        var contents = new Dictionary<string, byte[]>();
        using StoreFixture store = Recorded(contents, random, static (_, _, _) => { }, out RecordingDisk disk);
        Change(store, contents, random, Files);
        disk.Fault = call => call.Grows && call.Number >= fullFrom ? Errno.ENOSPC : Errno.Ok;
        failed = Refused(store.Store.Close);
        int calls = disk.Calls;
        store.OpenNow(readOnly: true);
        Compare(contents, store, $"call {fullFrom}, full and read-only");
        disk.Fault = null;
        store.Reopen();
        Compare(contents, store, $"call {fullFrom}, with space again");
        Change(store, contents, random, 5);
        store.IsClean();
        return calls;
    }

    private static bool Refused(Action work)
    {
        try
        {
            work();
            return false;
        }
        catch (StoreException e)
        {
            Assert.Equal(Errno.ENOSPC, e.Error);
            return true;
        }
    }

    private static StoreFixture Recorded(Dictionary<string, byte[]> contents, Random random, Action<StoreFixture, Dictionary<string, byte[]>, Random> prepare, out RecordingDisk disk)
    {
        var store = new StoreFixture(cleaningSlack: long.MaxValue);
        Change(store, contents, random, Files);
        prepare(store, contents, random);
        store.Store.Close();
        disk = new RecordingDisk(store.Path);
        store.OpenFolder = disk.Open;
        store.CleaningSlack = 0;
        store.OpenNow();
        return store;
    }

    private static void Change(StoreFixture store, Dictionary<string, byte[]> contents, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string name = $"f{i}";
            ulong file = store.User.Peek(TreeUser.Root, name);
            if (file == 0)
            {
                store.User.Forget(file = store.User.File(TreeUser.Root, name));
            }
            byte[] data = new byte[random.Next(1, 20_000)];
            random.NextBytes(data);
            TreeUser.Ok(store.User.Truncate(file, 0));
            store.User.Write(file, 0, data);
            contents[name] = data;
        }
        store.User.Fsync(TreeUser.Root);
    }

    private static void Compare(Dictionary<string, byte[]> contents, StoreFixture store, string where)
    {
        Assert.Equal(contents.Keys.Order(StringComparer.Ordinal), store.User.List(TreeUser.Root).Order(StringComparer.Ordinal));
        foreach ((string name, byte[] content) in contents)
        {
            Assert.True(content.AsSpan().SequenceEqual(store.User.ReadAll(store.User.Peek(TreeUser.Root, name))), $"{where}: {name} differs");
        }
    }
}

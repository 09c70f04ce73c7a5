using ClawFS.Linux;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Backup;

public sealed class FullTargetTests(ITestOutputHelper output)
{
    private const int Files = 12;
    private static readonly int[] Spaces = [0, 4 << 10, 64 << 10, 256 << 10, 512 << 10, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20, 6 << 20, 8 << 20];

    [Fact]
    public void A_backup_whose_disk_fills_up_at_any_step_leaves_the_earlier_one_whole_and_succeeds_with_space()
    {
        using var disk = new TinyDisk(48);
        string target = Path.Combine(disk.Path, "backup");
        using var store = new StoreFixture();
        File.WriteAllText(store.File("claw.keys"), "slots");
        Write(store, 1);
        Copy(store, target);
        string before = Dump(store);
        store.Reopen();
        Write(store, 2);
        string after = Dump(store);
        Assert.NotEqual(before, after);
        int failed = 0;
        foreach (int space in Spaces)
        {
            disk.Fill(leave: space);
            bool full = IsFull(() => Copy(store, target));
            disk.Empty();
            Holds(store, target, full ? before : after);
            failed += full ? 1 : 0;
            if (!full)
            {
                break;
            }
        }
        output.WriteLine($"{failed} sizes were too small");
        Assert.InRange(failed, 6, Spaces.Length);
        Copy(store, target);
        Holds(store, target, after);
    }

    private static void Write(StoreFixture store, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < Files; i++)
        {
            byte[] data = new byte[400_000];
            random.NextBytes(data);
            ulong file = store.User.Peek(TreeUser.Root, $"f{i}");
            store.User.Write(file != 0 ? file : store.User.File(TreeUser.Root, $"f{i}"), 0, data);
        }
    }

    private static string Dump(StoreFixture store) => ModelNode.DumpStore(store.User, store.Tree, TreeUser.Root);

    private static void Copy(StoreFixture store, string target) =>
        store.Store.HoldForBackup(sealedSegments => StoreCopy.Run(store.Path, store.Id, target, sealedSegments, static _ => { }));

    private static bool IsFull(Action copy)
    {
        try
        {
            copy();
            return false;
        }
        catch (Exception e) when (e is StoreException { Error: Errno.ENOSPC } or IOException)
        {
            return true;
        }
    }

    private static void Holds(StoreFixture store, string target, string expected)
    {
        using StoreFixture backup = store.ReadOnlyAt(target);
        Assert.Equal(expected, Dump(backup));
        backup.IsClean();
    }
}

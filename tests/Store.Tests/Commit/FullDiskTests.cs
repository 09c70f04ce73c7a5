using ClawFS.Linux;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Commit;

public sealed class FullDiskTests
{
    [Fact]
    public void A_checkpoint_that_finds_the_disk_full_loses_nothing_once_space_returns()
    {
        using var disk = new TinyDisk(96);
        string path = Path.Combine(disk.Path, "store");
        Directory.CreateDirectory(path);
        using var store = new StoreFixture(path: path);
        using (store.Store.Checkpoints.Pause())
        {
            for (int i = 0; i < 4000; i++)
            {
                ulong file = store.User.File(TreeUser.Root, $"file{i}");
                store.User.Write(file, 0, BitConverter.GetBytes(i));
                store.User.Forget(file);
            }
            disk.Fill(leave: 0);
        }
        Assert.Equal(Errno.ENOSPC, Assert.Throws<StoreException>(store.Store.Commit).Error);
        Assert.Equal(Errno.ENOSPC, Assert.Throws<StoreException>(store.Store.Commit).Error);
        CheckAll(store, 4000);
        Assert.Equal(Errno.Ok, store.User.Unlink(TreeUser.Root, "file0"));
        Assert.Equal(Errno.Ok, store.User.Truncate(store.User.Peek(TreeUser.Root, "file1"), 0));
        using (StoreFixture killed = store.Copy())
        {
            Assert.Equal(0UL, killed.User.Peek(TreeUser.Root, "file0"));
            CheckAll(killed, 4000, from: 2);
        }
        disk.Empty();
        store.Store.Commit();
        store.Reopen();
        CheckAll(store, 4000, from: 2);
        Assert.Equal(0UL, store.User.Peek(TreeUser.Root, "file0"));
        store.IsClean();
    }

    [Fact]
    public void Writers_get_ENOSPC_and_a_full_store_can_be_emptied()
    {
        using var disk = new TinyDisk(96);
        string path = Path.Combine(disk.Path, "store");
        Directory.CreateDirectory(path);
        using var store = new StoreFixture(path: path);
        byte[] megabyte = new byte[1 << 20];
        int files = 0;
        Errno error;
        do
        {
            error = store.Tree.Create(store.User.Request, TreeUser.Root, TreeUser.Bytes($"f{files}"), 0x1A4, 0, out Vfs.Entry entry, out _);
            if (error == Errno.Ok)
            {
                files++;
                error = store.Tree.Write(store.User.Request, entry.Node, 0, 0, megabyte, false, false, out _);
                store.User.Forget(entry.Node);
            }
        }
        while (error == Errno.Ok && files < 200);
        Assert.Equal(Errno.ENOSPC, error);
        Assert.InRange(files, 20, 90);
        store.Store.Commit();
        for (int i = 0; i < files; i++)
        {
            Assert.Equal(Errno.Ok, store.User.Unlink(TreeUser.Root, $"f{i}"));
        }
        ulong again = store.User.File(TreeUser.Root, "again");
        for (ulong i = 0; i < 20; i++)
        {
            store.User.Write(again, i << 20, megabyte);
        }
        store.Reopen();
        Assert.Equal(20UL << 20, store.User.Attr(again).Size);
        store.IsClean();
    }

    private static void CheckAll(StoreFixture store, int files, int from = 0)
    {
        for (int i = from; i < files; i++)
        {
            Assert.Equal(BitConverter.GetBytes(i), store.User.ReadAll(store.User.Peek(TreeUser.Root, $"file{i}")));
        }
    }
}

using ClawFS.Linux;
using ClawFS.Vfs;
using FileMode = ClawFS.Vfs.FileMode;

namespace ClawFS.Store.Tests.Ops;

public sealed class NameTests : IDisposable
{
    private readonly StoreFixture store = new();
    private readonly TreeUser user;
    private readonly ulong top;

    public NameTests()
    {
        user = store.User;
        top = user.Folder(TreeUser.Root, "top");
    }

    [Fact]
    public void Any_bytes_make_a_name_and_come_back_in_the_listing()
    {
        string[] names =
        [
            "a", new string('x', 255), "\n", "\xff\xfe\x80", " ", "a\tb", "\x01", "nam\xc3\xa9", "..a", "-rf",
            new string('\xff', 255), "A",
        ];
        foreach (string name in names)
        {
            user.File(top, name);
        }
        store.Reopen();
        TreeUser now = store.User;
        ulong folder = now.Peek(TreeUser.Root, "top");
        Assert.Equal(names.Order(StringComparer.Ordinal), now.List(folder).Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.NotEqual(0UL, now.Find(folder, name)));
        Assert.Equal(0UL, now.Find(folder, "b"));
    }

    [Fact]
    public void Making_a_name_that_is_there_is_EEXIST_whatever_is_made()
    {
        ulong file = user.File(top, "x");
        Assert.Equal(Errno.EEXIST, store.Tree.Create(user.Request, top, "x"u8, 0x180, 0, out _, out _));
        Assert.Equal(Errno.EEXIST, store.Tree.MkDir(user.Request, top, "x"u8, 0x180, out _));
        Assert.Equal(Errno.EEXIST, store.Tree.SymLink(user.Request, top, "x"u8, "y"u8, out _));
        Assert.Equal(Errno.EEXIST, store.Tree.MkNod(user.Request, top, "x"u8, FileMode.Fifo, 0, out _));
        Assert.Equal(Errno.EEXIST, user.HardLink(file, top, "x"));
        Assert.Equal(Errno.ENOTDIR, store.Tree.MkDir(user.Request, file, "y"u8, 0x180, out _));
        Assert.Equal(Errno.ENOTDIR, store.Tree.Lookup(user.Request, file, "y"u8, out _));
    }

    [Fact]
    public void Links_count_names_and_folders_count_their_subfolders()
    {
        ulong a = user.Folder(top, "a");
        user.Folder(top, "b");
        ulong file = user.File(a, "f");
        Assert.Equal(4u, user.Attr(top).Nlink);
        Assert.Equal(Errno.Ok, user.HardLink(file, top, "g"));
        Assert.Equal(2u, user.Attr(file).Nlink);
        Assert.Equal(Errno.EPERM, user.HardLink(a, top, "h"));
        Assert.Equal(Errno.Ok, user.Unlink(a, "f"));
        Assert.Equal(1u, user.Attr(file).Nlink);
        Assert.Equal(file, user.Find(top, "g"));
        Assert.Equal(Errno.Ok, user.RmDir(top, "a"));
        Assert.Equal(3u, user.Attr(top).Nlink);
        store.Reopen();
        ulong again = store.User.Peek(TreeUser.Root, "top");
        Assert.Equal(3u, store.User.Attr(again).Nlink);
        Assert.Equal(1u, store.User.Attr(store.User.Peek(again, "g")).Nlink);
    }

    [Fact]
    public void Removing_refuses_what_POSIX_refuses()
    {
        ulong folder = user.Folder(top, "d");
        user.File(folder, "f");
        Assert.Equal(Errno.ENOENT, user.Unlink(top, "none"));
        Assert.Equal(Errno.EISDIR, user.Unlink(top, "d"));
        Assert.Equal(Errno.ENOTDIR, user.RmDir(folder, "f"));
        Assert.Equal(Errno.ENOTEMPTY, user.RmDir(top, "d"));
        Assert.Equal(Errno.Ok, user.Unlink(folder, "f"));
        Assert.Equal(Errno.Ok, user.RmDir(top, "d"));
        Assert.Equal(Errno.ENOENT, store.Tree.Create(user.Request, folder, "late"u8, 0x180, 0, out _, out _));
        Assert.Empty(user.List(folder));
    }

    [Fact]
    public void An_unlinked_file_lives_until_the_last_reference_goes()
    {
        ulong file = user.File(top, "f");
        user.Write(file, 0, new byte[200_000]);
        Assert.Equal(Errno.Ok, user.Unlink(top, "f"));
        Assert.Equal(0u, user.Attr(file).Nlink);
        Assert.Equal(200_000, user.ReadAll(file).Length);
        user.Write(file, 200_000, [1]);
        long live = store.Store.Statistics.LiveBytes;
        Assert.True(live > 200_000);
        user.Forget(file);
        Assert.Equal(0, store.Store.Statistics.LiveBytes);
        Assert.Equal(Errno.ENOENT, store.Tree.GetAttr(user.Request, file, 0, out _, out _));
        store.Store.Commit();
        Assert.Equal(Errno.ENOENT, store.Tree.GetAttr(user.Request, file, 0, out _, out _));
    }

    [Fact]
    public void Orphans_of_an_earlier_mount_go_at_open()
    {
        ulong file = user.File(top, "f");
        user.Write(file, 0, new byte[50_000]);
        TreeUser.Ok(store.Tree.TmpFile(user.Request, top, 0x180, 0, out Entry temporary, out _));
        user.Write(temporary.Node, 0, new byte[50_000]);
        Assert.Equal(Errno.Ok, user.Unlink(top, "f"));
        Assert.Equal(5, store.Store.Statistics.Inodes);
        store.Reopen();
        Assert.Equal(3, store.Store.Statistics.Inodes);
        Assert.Equal(0, store.Store.Statistics.LiveBytes);
    }

    [Fact]
    public void A_temporary_file_can_get_a_name()
    {
        TreeUser.Ok(store.Tree.TmpFile(user.Request, top, 0x180, 0, out Entry temporary, out _));
        user.Write(temporary.Node, 0, "kept"u8);
        Assert.Equal(Errno.Ok, user.HardLink(temporary.Node, top, "named"));
        user.Forget(temporary.Node);
        store.Reopen();
        ulong node = store.User.Peek(TreeUser.Root, "top/named");
        Assert.Equal("kept"u8.ToArray(), store.User.ReadAll(node));
        Assert.Equal(1u, store.User.Attr(node).Nlink);
    }

    [Fact]
    public void References_balance_for_every_way_to_get_an_entry()
    {
        ulong file = user.File(top, "f");
        Assert.Equal(file, user.Find(top, "f"));
        TreeUser.Ok(store.Tree.Link(user.Request, file, top, "g"u8, out _));
        List<ListedName> listed = user.ReadDir(top, 0, 10, plus: true);
        Assert.Equal(2, listed.Count(e => e.Counted == file));
        Assert.Equal(Errno.Ok, user.Unlink(top, "f"));
        Assert.Equal(Errno.Ok, user.Unlink(top, "g"));
        user.Forget(file, 4);
        Assert.Equal(0u, user.Attr(file).Nlink);
        user.Forget(file);
        Assert.Equal(Errno.ENOENT, store.Tree.GetAttr(user.Request, file, 0, out _, out _));
    }

    [Fact]
    public void A_listing_that_is_full_takes_no_reference_for_what_did_not_fit()
    {
        ulong file = user.File(top, "f");
        user.Forget(file);
        Assert.Empty(user.ReadDir(top, 2, 0, plus: true));
        Assert.Equal(Errno.Ok, user.Unlink(top, "f"));
        Assert.Equal(Errno.ENOENT, store.Tree.GetAttr(user.Request, file, 0, out _, out _));
    }

    [Fact]
    public void New_nodes_in_a_setgid_folder_take_its_group()
    {
        var owner = new TreeUser(store.Tree, 1000, 1001);
        ulong shared = owner.Folder(top, "shared", 0x5FD);
        var other = new TreeUser(store.Tree, 2000, 2001);
        Attr file = other.Attr(other.File(shared, "f"));
        Attr folder = other.Attr(other.Folder(shared, "d", 0x1ED));
        Assert.Equal((2000u, 1001u), (file.Uid, file.Gid));
        Assert.Equal(1001u, folder.Gid);
        Assert.Equal(FileMode.SetGid, folder.Mode & FileMode.SetGid);
        Assert.Equal(0u, file.Mode & FileMode.SetGid);
    }

    [Fact]
    public void Links_and_special_nodes_keep_target_and_number()
    {
        string target = new('t', 4095);
        ulong link = user.Link(top, "l", target);
        Assert.Equal(Errno.ENAMETOOLONG, store.Tree.SymLink(user.Request, top, "m"u8, new byte[4096], out _));
        TreeUser.Ok(store.Tree.MkNod(user.Request, top, "c"u8, FileMode.Character | 0x180, 0x501, out Entry device));
        Assert.Equal(0x501u, device.Attr.Rdev);
        store.Reopen();
        byte[] buffer = new byte[4096];
        TreeUser.Ok(store.Tree.ReadLink(store.User.Request, link, buffer, out int length));
        Assert.Equal(TreeUser.Bytes(target), buffer[..length]);
        Assert.Equal(0x501u, store.User.Attr(device.Node).Rdev);
        Assert.Equal(Errno.EINVAL, store.Tree.ReadLink(store.User.Request, device.Node, buffer, out _));
    }

    public void Dispose() => store.Dispose();
}

using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Store.Tests.Ops;

public sealed class RenameTests : IDisposable
{
    private readonly StoreFixture store = new();
    private readonly TreeUser user;
    private readonly ulong a, b;

    public RenameTests()
    {
        user = store.User;
        a = user.Folder(TreeUser.Root, "a");
        b = user.Folder(TreeUser.Root, "b");
    }

    /// <summary>Source, target, flags (0, 1 = NOREPLACE, 2 = EXCHANGE), same folder or not, and what POSIX or rename(2) says.</summary>
    [Theory]
    [InlineData("file", "none", 0, Errno.Ok)]
    [InlineData("file", "file", 0, Errno.Ok)]
    [InlineData("file", "empty", 0, Errno.EISDIR)]
    [InlineData("file", "full", 0, Errno.EISDIR)]
    [InlineData("empty", "none", 0, Errno.Ok)]
    [InlineData("empty", "file", 0, Errno.ENOTDIR)]
    [InlineData("empty", "empty", 0, Errno.Ok)]
    [InlineData("full", "empty", 0, Errno.Ok)]
    [InlineData("full", "full", 0, Errno.ENOTEMPTY)]
    [InlineData("none", "file", 0, Errno.ENOENT)]
    [InlineData("none", "none", 0, Errno.ENOENT)]
    [InlineData("file", "none", 1, Errno.Ok)]
    [InlineData("file", "file", 1, Errno.EEXIST)]
    [InlineData("full", "empty", 1, Errno.EEXIST)]
    [InlineData("file", "none", 2, Errno.ENOENT)]
    [InlineData("file", "file", 2, Errno.Ok)]
    [InlineData("file", "full", 2, Errno.Ok)]
    [InlineData("full", "file", 2, Errno.Ok)]
    [InlineData("full", "full", 2, Errno.Ok)]
    [InlineData("file", "file", 3, Errno.EINVAL)]
    [InlineData("file", "file", 4, Errno.EINVAL)]
    public void A_rename_does_what_rename2_says(string source, string target, uint flags, Errno expected)
    {
        foreach (ulong to in new[] { a, b })
        {
            string from = $"s{to}", at = $"t{to}";
            ulong moved = Make(a, source, from);
            ulong there = Make(to, target, at);
            uint before = user.Attr(a).Nlink + (to == a ? 0 : user.Attr(b).Nlink);
            Assert.Equal(expected, user.Rename(a, from, to, at, flags));
            bool done = expected == Errno.Ok;
            Assert.Equal(done ? moved : there, user.Peek(to, at));
            Assert.Equal(done ? (flags == 2 ? there : 0) : moved, user.Peek(a, from));
            int folders = (done && flags != 2 && target is "empty" or "full" && done ? 1 : 0);
            Assert.Equal(before - (uint)folders, user.Attr(a).Nlink + (to == a ? 0 : user.Attr(b).Nlink));
            if (done && source == "full")
            {
                Assert.NotEqual(0UL, user.Peek(to, at + "/child"));
                Assert.Equal(to, user.ReadDir(moved, 0, 2)[1].Node);
            }
            if (done && flags == 2 && target == "full")
            {
                Assert.Equal(a, user.ReadDir(there, 0, 2)[1].Node);
            }
        }
        store.Reopen();
        foreach (ulong folder in new[] { a, b })
        {
            Assert.Equal(2 + store.User.ReadDir(folder, 2, 100).Count(static e => e.Mode == 0x4000), (int)store.User.Attr(folder).Nlink);
        }
    }

    [Fact]
    public void A_folder_never_moves_below_itself()
    {
        ulong inner = user.Folder(a, "inner");
        ulong deep = user.Folder(inner, "deep");
        user.File(b, "f");
        Assert.Equal(Errno.EINVAL, user.Rename(TreeUser.Root, "a", a, "x"));
        Assert.Equal(Errno.EINVAL, user.Rename(TreeUser.Root, "a", deep, "x"));
        Assert.Equal(Errno.EINVAL, user.Rename(TreeUser.Root, "a", inner, "deep", TreeUser.Exchange));
        Assert.Equal(Errno.EINVAL, user.Rename(inner, "deep", TreeUser.Root, "a", TreeUser.Exchange));
        Assert.Equal(Errno.ENOTEMPTY, user.Rename(inner, "deep", TreeUser.Root, "a"));
        Assert.Equal(Errno.ENOTEMPTY, user.Rename(inner, "deep", a, "inner"));
        Assert.Equal(Errno.Ok, user.Rename(a, "inner", b, "inner"));
        Assert.Equal(deep, user.Peek(TreeUser.Root, "b/inner/deep"));
    }

    [Fact]
    public void Two_names_of_one_file_are_left_alone()
    {
        ulong file = user.File(a, "f");
        Assert.Equal(Errno.Ok, user.HardLink(file, b, "g"));
        Assert.Equal(Errno.Ok, user.Rename(a, "f", b, "g"));
        Assert.Equal(file, user.Peek(a, "f"));
        Assert.Equal(file, user.Peek(b, "g"));
        Assert.Equal(Errno.EEXIST, user.Rename(a, "f", b, "g", TreeUser.NoReplace));
        Assert.Equal(Errno.Ok, user.Rename(a, "f", a, "f"));
        Assert.Equal(2u, user.Attr(file).Nlink);
    }

    [Fact]
    public void A_replaced_file_lives_while_it_is_referenced()
    {
        ulong source = user.File(a, "s");
        ulong target = user.File(b, "t");
        user.Write(source, 0, "new"u8);
        user.Write(target, 0, "old"u8);
        Assert.Equal(Errno.Ok, user.Rename(a, "s", b, "t"));
        Assert.Equal("old"u8.ToArray(), user.ReadAll(target));
        Assert.Equal("new"u8.ToArray(), user.ReadAll(user.Peek(b, "t")));
        user.Forget(target);
        Assert.Equal(Errno.ENOENT, store.Tree.GetAttr(user.Request, target, 0, out _, out _));
    }

    [Fact]
    public void A_path_follows_its_renames()
    {
        ulong folder = user.Folder(a, "d");
        ulong file = user.File(folder, "f");
        Assert.Equal(Errno.Ok, user.Rename(a, "d", b, "e"));
        Assert.True(store.Tree.TryGetPath(file, out byte[] path));
        Assert.Equal("b/e/f"u8.ToArray(), path);
        Assert.Equal(Errno.Ok, user.Unlink(folder, "f"));
        Assert.False(store.Tree.TryGetPath(file, out _));
        Assert.False(store.Tree.TryGetPath(StoredTree.HiddenFolder, out _));
    }

    public void Dispose() => store.Dispose();

    private ulong Make(ulong parent, string what, string name)
    {
        switch (what)
        {
            case "file":
                return user.File(parent, name);
            case "empty":
                return user.Folder(parent, name);
            case "full":
                ulong folder = user.Folder(parent, name);
                user.File(folder, "child");
                return folder;
            default:
                return 0;
        }
    }
}

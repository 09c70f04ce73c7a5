using ClawFS.Linux;
using ClawFS.Store.Tests.Ops;
using ClawFS.Vfs;

namespace ClawFS.Store.Tests.Commit;

/// <summary>A store that is opened under the mount of a dead process answers what that one had done and does not do it again.</summary>
public sealed class LiveMountTests
{
    private const ulong Resent = 1UL << 63;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_change_that_was_applied_is_answered_and_not_applied_again(int checkpoints)
    {
        using var dead = new StoreFixture();
        ulong file = dead.User.File(TreeUser.Root, "file");
        ulong gone = dead.User.File(TreeUser.Root, "gone");
        dead.User.File(TreeUser.Root, "old");
        StoredTree tree = dead.Tree;
        TreeUser.Ok(tree.MkDir(new NumberedRequest(10), TreeUser.Root, "made"u8, 0x1ED, out Entry made));
        TreeUser.Ok(tree.Unlink(new NumberedRequest(12), TreeUser.Root, "gone"u8));
        TreeUser.Ok(tree.Rename(new NumberedRequest(14), TreeUser.Root, "old"u8, TreeUser.Root, "new"u8, 0));
        TreeUser.Ok(tree.Link(new NumberedRequest(16), file, TreeUser.Root, "second"u8, out _));
        TreeUser.Ok(tree.Write(new NumberedRequest(18), file, 0, 0, "first"u8, false, false, out _));
        TreeUser.Ok(tree.SetXattr(new NumberedRequest(20), file, "user.x"u8, "1"u8, 1));
        dead.User.Write(file, 0, "later"u8);
        for (int i = 0; i < checkpoints; i++)
        {
            dead.Store.Commit();
        }

        using StoreFixture successor = dead.Copy(open: false);
        successor.LiveMount = true;
        successor.OpenNow();
        tree = successor.Tree;
        TreeUser.Ok(tree.MkDir(new NumberedRequest(Resent | 10), TreeUser.Root, "made"u8, 0x1ED, out Entry again));
        Assert.Equal(made.Node, again.Node);
        TreeUser.Ok(tree.Unlink(new NumberedRequest(Resent | 12), TreeUser.Root, "gone"u8));
        TreeUser.Ok(tree.Rename(new NumberedRequest(Resent | 14), TreeUser.Root, "old"u8, TreeUser.Root, "new"u8, 0));
        TreeUser.Ok(tree.Link(new NumberedRequest(Resent | 16), file, TreeUser.Root, "second"u8, out _));
        TreeUser.Ok(tree.Write(new NumberedRequest(Resent | 18), file, 0, 0, "first"u8, false, false, out int count));
        TreeUser.Ok(tree.SetXattr(new NumberedRequest(Resent | 20), file, "user.x"u8, "1"u8, 1));
        Assert.Equal(5, count);
        Assert.Equal("later"u8.ToArray(), successor.User.ReadAll(file));
        Assert.Equal(2u, successor.User.Attr(file).Nlink);
        Assert.Equal(["file", "made", "new", "second"], successor.User.List(TreeUser.Root).Order());

        // The same numbers from a request that is new, and one sent again that nobody had applied.
        Assert.Equal(Errno.EEXIST, tree.MkDir(new NumberedRequest(10), TreeUser.Root, "made"u8, 0x1ED, out _));
        Assert.Equal(Errno.EEXIST, tree.MkDir(new NumberedRequest(Resent | 22), TreeUser.Root, "made"u8, 0x1ED, out _));
        Assert.Equal(0UL, successor.User.Peek(TreeUser.Root, "gone"));
        Assert.NotEqual(0UL, gone);
    }

    [Fact]
    public void A_file_without_a_name_stays_until_the_kernel_lets_go_of_it()
    {
        using var dead = new StoreFixture();
        ulong open = dead.User.File(TreeUser.Root, "open");
        dead.User.Write(open, 0, "content"u8);
        ulong later = dead.User.File(TreeUser.Root, "later");
        TreeUser.Ok(dead.User.Unlink(TreeUser.Root, "open"));

        using StoreFixture successor = dead.Copy(open: false);
        successor.LiveMount = true;
        successor.OpenNow();
        TreeUser.Ok(successor.User.Unlink(TreeUser.Root, "later"));
        Assert.Equal("content"u8.ToArray(), successor.User.ReadAll(open));
        Assert.Empty(successor.User.ReadAll(later));
        successor.User.Forget(open);
        successor.User.Forget(later);
        Assert.Equal(Errno.ENOENT, successor.Tree.GetAttr(successor.User.Request, open, 0, out _, out _));
        Assert.Equal(Errno.ENOENT, successor.Tree.GetAttr(successor.User.Request, later, 0, out _, out _));
    }

    private sealed class NumberedRequest : Request
    {
        public NumberedRequest(ulong unique) => Unique = unique;

        public override ParkedRequest Park() => throw new InvalidOperationException("nothing here waits");
    }
}

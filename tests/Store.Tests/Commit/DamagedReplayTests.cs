using ClawFS.Linux;
using ClawFS.Store.Rows;
using ClawFS.Store.Tests.Ops;
using SQLitePCL;

namespace ClawFS.Store.Tests.Commit;

public sealed class DamagedReplayTests
{
    [Fact]
    public void Changes_that_meet_damage_are_reported_and_the_rest_is_applied()
    {
        using var store = new StoreFixture();
        TreeUser user = store.User;
        ulong damaged = user.File(TreeUser.Root, "damaged");
        ulong sound = user.File(TreeUser.Root, "sound");
        store.Store.Commit();
        using Lock.Scope pause = store.Store.Checkpoints.Pause();
        TreeUser.Ok(user.Chmod(damaged, 0x1FF));
        user.Write(damaged, 0, "lost"u8);
        user.Write(sound, 0, "kept"u8);
        user.File(TreeUser.Root, "later");
        using StoreFixture copy = store.Copy(open: false);
        using (var connection = new SqliteConnection(copy.File(SqliteRows.FileName), raw.SQLITE_OPEN_READWRITE, $"UPDATE rows SET body = zeroblob(40) WHERE id = {damaged}"))
        {
            connection.Checkpoint();
        }
        copy.OpenNow();
        Assert.Contains("2 changes of the journal meet damage", Assert.Single(copy.Reports), StringComparison.Ordinal);
        Assert.Equal("kept"u8.ToArray(), copy.User.ReadAll(sound));
        Assert.NotEqual(0UL, copy.User.Peek(TreeUser.Root, "later"));
        Assert.Equal(Errno.EIO, copy.Tree.GetAttr(copy.User.Request, damaged, 0, out _, out _));
        Assert.True(copy.Check(repair: true).Clean);
        copy.IsClean();
        Assert.Equal(["later", "sound"], copy.User.List(TreeUser.Root).Where(static n => n != "memory").Order());
    }
}

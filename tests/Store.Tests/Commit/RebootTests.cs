using ClawFS.Linux;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Commit;

public sealed class RebootTests
{
    [Fact]
    public void Data_in_a_segment_that_no_commit_knows_yet_survive_a_reboot()
    {
        using var store = new StoreFixture();
        ulong file = store.User.File(TreeUser.Root, "f");
        store.User.Write(file, 0, "synced"u8);
        store.User.Fsync(file);
        using StoreFixture rebooted = store.Copy(boot: Guid.NewGuid());
        Assert.Equal("synced"u8.ToArray(), rebooted.User.ReadAll(file));
    }

    [Fact]
    public void Data_that_did_not_reach_the_disk_end_the_replay_and_the_next_openings_work()
    {
        using var store = new StoreFixture();
        TreeUser user = store.User;
        ulong first = user.File(TreeUser.Root, "first");
        user.Write(first, 0, new byte[5000]);
        ulong second = user.File(TreeUser.Root, "second");
        user.Write(second, 0, new byte[5000]);
        user.File(TreeUser.Root, "third");
        using StoreFixture rebooted = store.Copy(open: false, boot: Guid.NewGuid());
        // The header and the first write are on the disk, the second write is not.
        string segment = Assert.Single(Directory.GetFiles(rebooted.File("seg")));
        byte[] bytes = File.ReadAllBytes(segment);
        bytes.AsSpan(64 + 5000 + 32).Clear();
        File.WriteAllBytes(segment, bytes);

        rebooted.OpenNow();
        Assert.Equal(["first", "second"], rebooted.User.List(TreeUser.Root).Order());
        Assert.Equal(0UL, rebooted.User.Attr(second).Size);
        Assert.Equal(new byte[5000], rebooted.User.ReadAll(first));
        Assert.Contains("did not reach the disk", Assert.Single(rebooted.Reports), StringComparison.Ordinal);
        Assert.NotNull(rebooted.Store.Recovery);
        rebooted.IsClean();

        using StoreFixture again = rebooted.Copy(boot: Guid.NewGuid());
        Assert.Equal(["first", "second"], again.User.List(TreeUser.Root).Order());
    }

    [Fact]
    public void A_replay_that_changes_no_row_leaves_no_gap_in_the_journal()
    {
        using var store = new StoreFixture();
        store.Store.SetQuota(77 << 20);
        using StoreFixture killed = store.Copy();
        Assert.Equal(77UL << 20, killed.Store.Statistics.QuotaBytes);
        using StoreFixture twice = killed.Copy();
        Assert.Equal(77UL << 20, twice.Store.Statistics.QuotaBytes);
        using StoreFixture again = twice.Copy();
        Assert.Equal(77UL << 20, again.Store.Statistics.QuotaBytes);
    }

    [Fact]
    public void The_number_of_a_segment_made_just_before_a_kill_does_not_come_again()
    {
        using var store = new StoreFixture();
        ulong file = store.User.File(TreeUser.Root, "f");
        using StoreFixture killed = store.Copy(open: false);
        // The process died between making the segments and the journal record that names them.
        for (ulong id = file + 1; id < file + 20; id++)
        {
            File.WriteAllBytes(killed.File("seg", id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture)), []);
        }
        killed.OpenNow();
        killed.User.Write(file, 0, "works"u8);
        Assert.Equal("works"u8.ToArray(), killed.User.ReadAll(file));
        killed.IsClean();
    }

    [Fact]
    public void A_missing_segment_that_the_journal_names_is_EIO_for_its_file_only()
    {
        using var store = new StoreFixture();
        ulong file = store.User.File(TreeUser.Root, "f");
        store.User.Write(file, 0, "gone"u8);
        ulong other = store.User.Folder(TreeUser.Root, "d");
        using StoreFixture killed = store.Copy(open: false);
        Directory.Delete(killed.File("seg"), true);
        Directory.CreateDirectory(killed.File("seg"));
        killed.OpenNow();
        Assert.Equal(Errno.EIO, killed.Tree.Read(killed.User.Request, file, 0, 0, new byte[4], out _));
        Assert.NotEmpty(killed.Reports);
        Assert.True(killed.User.Attr(other).IsDirectory);
        Assert.Equal(Errno.Ok, killed.User.Unlink(TreeUser.Root, "f"));
        killed.Store.Commit();
    }
}

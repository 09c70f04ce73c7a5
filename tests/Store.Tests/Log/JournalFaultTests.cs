using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Log;

namespace ClawFS.Store.Tests.Log;

public sealed class JournalFaultTests : IDisposable
{
    private readonly JournalFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(30)]
    [InlineData(1000)]
    public void A_record_whose_write_fails_has_never_been(int written)
    {
        fixture.Append("a");
        fixture.Folder.BytesBeforeFault = written;
        fixture.Folder.WriteFault = Once(Errno.EIO);
        var refused = Assert.Throws<StoreException>(() => fixture.Append("the one that is refused and longer than the next"));
        Assert.Equal(Errno.EIO, refused.Error);
        Assert.Equal(2UL, fixture.Append("b"));
        Assert.Equal(["a", "b"], fixture.Restart());
    }

    [Fact]
    public void A_refused_record_does_not_come_back_when_the_process_dies_next()
    {
        fixture.Append("a");
        fixture.Folder.BytesBeforeFault = int.MaxValue;
        fixture.Folder.WriteFault = Once(Errno.EIO);
        Assert.Throws<StoreException>(() => fixture.Append("refused"));
        fixture.Reopen();
        Assert.Equal(["a"], fixture.Replay(out ReplayResult result));
        Assert.Null(result.Tear);
    }

    [Fact]
    public void The_record_after_a_refused_one_is_sealed_under_another_nonce()
    {
        fixture.Folder.BytesBeforeFault = int.MaxValue;
        fixture.Folder.WriteFault = () => Errno.EIO;
        Assert.Throws<StoreException>(() => fixture.Append("same text"));
        byte[] refused = Record();
        fixture.Folder.WriteFault = null;
        fixture.Append("same text");
        byte[] accepted = Record();
        Assert.Equal(1, accepted[4]);
        Assert.NotEqual(refused[16..], accepted[16..]);
    }

    [Fact]
    public void On_a_full_disk_only_what_frees_space_gets_through_and_rotation_still_works()
    {
        fixture.Folder.AllocateFault = () => Errno.ENOSPC;
        string text = new('x', 50_000);
        int accepted = 0;
        StoreException? refused = null;
        while (refused is null && accepted < 1000)
        {
            refused = Catch(() => fixture.Append(text));
            accepted += refused is null ? 1 : 0;
        }
        Assert.Equal(Errno.ENOSPC, refused?.Error);
        Assert.InRange(accepted, 70, 80);
        ulong freeing = fixture.Append("unlink", reclaiming: true);
        Assert.Equal((ulong)accepted + 1, freeing);
        ulong next = fixture.Journal.Rotate();
        Assert.Equal(freeing + 1, next);
        Assert.Null(Catch(() => fixture.Append(text)));
        fixture.Journal.DropBefore(next);
        Assert.Equal([text], fixture.Restart(next));
    }

    [Fact]
    public void A_rotation_without_space_leaves_the_journal_in_use()
    {
        fixture.Append("a");
        File.Delete(fixture.Scratch.File(JournalFile.SpareName));
        fixture.Folder.AllocateFault = () => Errno.ENOSPC;
        var refused = Assert.Throws<StoreException>(() => fixture.Journal.Rotate());
        Assert.Equal(Errno.ENOSPC, refused.Error);
        fixture.Append("b");
        fixture.Folder.AllocateFault = null;
        Assert.Equal(3UL, fixture.Journal.Rotate());
        Assert.Equal(["a", "b"], fixture.Restart());
    }

    [Fact]
    public void A_journal_starts_on_a_disk_that_has_no_step_left()
    {
        using var disk = new TinyDisk(8);
        using SecretKey key = SecretKey.Random();
        disk.Fill(1 << 20);
        using (Journal journal = Journal.Open(Folder.Open(disk.Path), key, Guid.NewGuid(), Guid.Empty))
        {
            journal.Start(1);
            Assert.Equal(1UL, journal.Append(7, "a"u8));
            byte[] large = new byte[50_000];
            while (Catch(() => journal.Append(7, large)) is null)
            {
                Assert.InRange(journal.Bytes, 1, 1 << 20);
            }
            Assert.True(journal.Append(7, large, default, reclaiming: true) > 1);
            disk.Empty();
            Assert.True(journal.Append(7, large) > 1);
        }
    }

    [Fact]
    public void A_refused_sync_is_not_forgotten()
    {
        fixture.Append("a");
        fixture.Folder.SyncFault = Once(Errno.EIO);
        Assert.Equal(Errno.EIO, Assert.Throws<StoreException>(fixture.Journal.Sync).Error);
        fixture.Append("b");
        Assert.Equal(Errno.EIO, Assert.Throws<StoreException>(fixture.Journal.Sync).Error);
    }

    [Fact]
    public void Syncing_asks_the_disk_only_when_there_is_something_new()
    {
        fixture.Append("a");
        fixture.Journal.Sync();
        int syncs = fixture.Folder.Syncs;
        Assert.Equal(1, fixture.Folder.FolderSyncs);
        fixture.Journal.Sync();
        Assert.Equal(syncs, fixture.Folder.Syncs);
        fixture.Append("b");
        fixture.Journal.Sync();
        Assert.Equal(syncs + 1, fixture.Folder.Syncs);
        Assert.Equal(1, fixture.Folder.FolderSyncs);
    }

    [Fact]
    public void A_file_that_was_being_made_when_the_machine_stopped_is_replaced()
    {
        fixture.Append("a");
        fixture.Journal.Rotate();
        fixture.Journal.Dispose();
        using (FileStream file = File.OpenWrite(fixture.PathOf(2)))
            file.SetLength(0);
        fixture.Open();
        Assert.Equal(["a"], fixture.Replay(out ReplayResult result));
        Assert.NotNull(result.Tear);
        fixture.Journal.Start(result.Next);
        fixture.Append("b");
        Assert.Equal(["a", "b"], fixture.Restart());
    }

    private static Func<Errno> Once(Errno error)
    {
        int calls = 0;
        return () => calls++ == 0 ? error : Errno.Ok;
    }

    private static StoreException? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (StoreException e)
        {
            return e;
        }
    }

    private byte[] Record() => File.ReadAllBytes(fixture.PathOf(1)).AsSpan(JournalHeader.Size, 16 + 1 + 9 + 16).ToArray();
}

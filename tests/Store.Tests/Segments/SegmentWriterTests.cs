using System.Collections.Concurrent;
using ClawFS.Linux;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Tests.Segments;

public sealed class SegmentWriterTests : IDisposable
{
    private readonly SegmentFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void Places_follow_each_other_without_gaps()
    {
        Assert.Equal((1UL, 64U), fixture.Append(new byte[100]));
        Assert.Equal((1UL, 164U), fixture.Append([1, 2, 3]));
        Assert.Equal((1UL, 167U), fixture.Append([4]));
        Assert.Equal([1, 2, 3, 4], fixture.Read(1, 164, 4));
    }

    [Fact]
    public void A_full_segment_is_followed_by_a_new_one_and_none_is_larger_than_64_mebibytes()
    {
        byte[] megabyte = new byte[1 << 20];
        for (int i = 0; i < 63; i++)
            Assert.Equal(1UL, fixture.Append(megabyte).Id);
        Assert.Equal((2UL, 64U), fixture.Append(megabyte));
        Assert.Equal(2UL, fixture.Writer.ActiveId);
        Assert.Equal(64 + 63L * (1 << 20), new FileInfo(fixture.PathOf(1)).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Writer.Reserve(SegmentFiles.MaxSize, false, out _, out _));
    }

    [Fact]
    public void An_ended_segment_takes_no_more_disk_space_than_its_bytes()
    {
        fixture.Append(new byte[10_000]);
        fixture.Writer.EndSegment();
        Assert.Equal(0UL, fixture.Writer.ActiveId);
        using var disk = new System.Diagnostics.Process();
        disk.StartInfo = new("stat", ["-c", "%b", fixture.PathOf(1)]) { RedirectStandardOutput = true };
        disk.Start();
        Assert.InRange(int.Parse(disk.StandardOutput.ReadToEnd()), 1, 32);
        Assert.Equal(2UL, fixture.Append([1]).Id);
    }

    [Fact]
    public async Task Places_of_many_threads_never_overlap()
    {
        var places = new ConcurrentBag<(ulong Id, uint Offset, byte Fill, int Length)>();
        Task[] writers = [.. Enumerable.Range(1, 4).Select(fill => Task.Run(() =>
        {
            var random = new Random(fill);
            for (int i = 0; i < 300; i++)
            {
                byte[] bytes = new byte[random.Next(1, 5000)];
                bytes.AsSpan().Fill((byte)fill);
                (ulong id, uint offset) = fixture.Append(bytes);
                places.Add((id, offset, (byte)fill, bytes.Length));
            }
        }))];
        await Task.WhenAll(writers);
        foreach ((ulong id, uint offset, byte fill, int length) in places)
            Assert.Equal(-1, fixture.Read(id, offset, length).AsSpan().IndexOfAnyExcept(fill));
    }

    [Fact]
    public void A_sync_covers_every_segment_written_since_the_last_one_and_the_new_names()
    {
        fixture.Append([1]);
        fixture.Writer.EndSegment();
        fixture.Append([2]);
        fixture.Writer.SyncDirty();
        Assert.Equal((2, 1), (fixture.Folder.Syncs, fixture.Folder.FolderSyncs));
        fixture.Writer.SyncDirty();
        Assert.Equal((2, 1), (fixture.Folder.Syncs, fixture.Folder.FolderSyncs));
        fixture.Append([3]);
        fixture.Writer.SyncDirty();
        Assert.Equal((3, 1), (fixture.Folder.Syncs, fixture.Folder.FolderSyncs));
    }

    [Fact]
    public void A_write_that_ends_after_a_sync_is_covered_by_the_next_one()
    {
        fixture.Writer.Reserve(1, false, out SegmentFile segment, out uint offset);
        fixture.Append([1]);
        fixture.Writer.SyncDirty();
        fixture.Writer.Write(segment, [2], offset);
        segment.Release();
        fixture.Writer.SyncDirty();
        Assert.Equal(2, fixture.Folder.Syncs);
    }

    [Fact]
    public void A_refused_sync_is_not_forgotten()
    {
        fixture.Append([1]);
        fixture.Folder.SyncFault = static () => Errno.EIO;
        Assert.Equal(Errno.EIO, Assert.Throws<StoreException>(fixture.Writer.SyncDirty).Error);
        fixture.Folder.SyncFault = null;
        Assert.Equal(Errno.EIO, Assert.Throws<StoreException>(fixture.Writer.SyncDirty).Error);
    }

    [Fact]
    public void A_full_disk_is_found_before_a_place_is_given_away()
    {
        fixture.Append([1]);
        fixture.Folder.AllocateFault = static () => Errno.ENOSPC;
        Assert.Equal(Errno.ENOSPC, Assert.Throws<StoreException>(() => fixture.Append(new byte[2 << 20])).Error);
        Assert.Equal((1UL, 65U), fixture.Append([2]));
        fixture.Folder.AllocateFault = null;
        Assert.Equal((1UL, 66U), fixture.Append(new byte[2 << 20]));
    }

    [Fact]
    public void A_place_whose_write_failed_is_never_given_away_again()
    {
        fixture.Append([1]);
        fixture.Folder.WriteFault = static () => Errno.EIO;
        Assert.Throws<StoreException>(() => fixture.Append(new byte[10]));
        fixture.Folder.WriteFault = null;
        Assert.Equal((1UL, 75U), fixture.Append([2]));
    }

    [Fact]
    public void A_new_segment_that_cannot_be_made_leaves_no_file_and_the_next_try_works()
    {
        fixture.Folder.WriteFault = static () => Errno.ENOSPC;
        Assert.Equal(Errno.ENOSPC, Assert.Throws<StoreException>(() => fixture.Append([1])).Error);
        Assert.Empty(fixture.Files.List());
        fixture.Folder.WriteFault = null;
        Assert.Equal((2UL, 64U), fixture.Append([1]));
    }

    [Fact]
    public void A_place_on_a_page_leaves_the_rest_of_the_page_before_it_out_also_where_a_segment_begins_and_ends()
    {
        Assert.Equal((1UL, 4096U), fixture.Append(new byte[5000], onPage: true));
        Assert.Equal((1UL, 9096U), fixture.Append(new byte[10]));
        Assert.Equal((1UL, 12288U), fixture.Append(new byte[4096], onPage: true));
        Assert.Equal((1UL, 16384U), fixture.Append(new byte[1], onPage: true));
        const int Rest = SegmentFiles.MaxSize - 20480;
        Assert.Equal((2UL, 4096U), fixture.Append(new byte[Rest + 1], onPage: true));
        fixture.Writer.EndSegment();
        Assert.Equal(4096 + Rest + 1, new FileInfo(fixture.PathOf(2)).Length);
    }

    [Fact]
    public void Reserving_and_writing_allocate_nothing()
    {
        byte[] bytes = new byte[4112];
        Assert.Equal(0, Allocations.Of(() => fixture.Append(bytes)));
    }
}

using System.Text;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Ops;
using ClawFS.Vfs;
using SQLitePCL;

namespace ClawFS.Store.Tests.Check;

/// <summary>What the background check finds within one pass, and that it mends nothing.</summary>
public sealed class ScrubTests : IDisposable
{
    private readonly CollectingSink events = new();
    private readonly StoreFixture store;
    private readonly ulong file, small;
    private readonly byte[] content = new byte[600_000];

    public ScrubTests()
    {
        store = new StoreFixture { Events = events };
        store.Reopen();
        new Random(1).NextBytes(content);
        ulong folder = store.User.Folder(TreeUser.Root, "memory");
        file = store.User.File(folder, "large");
        store.User.Write(file, 0, content);
        small = store.User.File(folder, "small");
        store.User.Write(small, 0, content.AsSpan(0, 100));
        for (int i = 0; i < 600; i++)
        {
            store.User.Forget(store.User.File(folder, $"many-{i}"));
        }
        store.Store.Commit();
    }

    [Fact]
    public void A_pass_over_a_sound_store_looks_at_everything_and_finds_nothing()
    {
        // The first pass makes the file that says where it stands.
        Pass();
        store.Store.Commit();
        ScrubStatus done = Pass();
        FsckReport report = store.Check();
        Assert.Equal((report.Rows, report.BlocksChecked, 0), (done.Rows, done.Blocks, done.Problems));
        Assert.Equal(ScrubState.Waiting, done.State);
        Assert.NotNull(done.Ended);
        Assert.Empty(store.Reports);
        Assert.Empty(events.Lines);
    }

    [Fact]
    public void A_file_of_many_extents_is_read_to_its_end()
    {
        for (ulong i = 0; i < 9000; i++)
        {
            store.User.Write(file, 1_000_000 + i * 8192, content.AsSpan(0, 10));
        }
        store.Store.Commit();
        Assert.Equal(store.Check().BlocksChecked, Pass().Blocks);
        Assert.Empty(store.Reports);
        Flip(segment: Segment(small), at: -5);
        Assert.Equal(1, Pass().Problems);
    }

    [Fact]
    public void A_flipped_block_is_named_and_left_as_it_is()
    {
        Flip(Segment(file), Place(file, 10) + 7);
        Assert.Equal(1, Pass().Problems);
        Assert.Contains($"inode {file}: bytes 40960 to 45055", Assert.Single(store.Reports), StringComparison.Ordinal);
        (ulong node, string reason) = Assert.Single(events.Lines);
        Assert.Equal(file, node);
        Assert.Contains("bytes 40960 to 45055", reason, StringComparison.Ordinal);
        Assert.Equal(FsckCode.BlockDamaged, Assert.Single(store.Check().Problems).Code);
        Assert.True(store.Check(repair: true).Clean);
        Assert.Equal(0, store.Store.Statistics.Scrub.Problems);
        Assert.Equal(0, Pass().Problems);
    }

    [Fact]
    public void A_row_put_back_from_an_older_commit_is_found()
    {
        string old = Body(small);
        TreeUser.Ok(store.User.Chmod(small, 0x180));
        store.Store.Commit();
        Sql($"UPDATE rows SET body = x'{old}' WHERE id = {small}");
        Assert.Equal(1, Pass().Problems);
        Assert.Contains($"row {small} is stale", Assert.Single(events.Lines).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_row_put_back_from_an_older_commit_is_found()
    {
        string old = Body(RowIds.Root);
        TreeUser.Ok(store.User.Chmod(small, 0x180));
        store.Store.Commit();
        Sql($"UPDATE rows SET body = x'{old}' WHERE id = {RowIds.Root}");
        Assert.Equal(1, Pass().Problems);
        Assert.Contains("the root row in claw.db is of commit", Assert.Single(events.Lines).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_row_and_a_damaged_page_are_found()
    {
        ulong page = Owned(store.User.Peek(TreeUser.Root, "memory"));
        Sql($"DELETE FROM rows WHERE id = {small}; UPDATE rows SET body = zeroblob(length(body)) WHERE id = {page}");
        Assert.Equal(2, Pass().Problems);
        Assert.Contains(events.Lines, e => e.Reason.Contains($"row {small} is missing", StringComparison.Ordinal));
        Assert.Contains(events.Lines, e => e.Reason.Contains($"row {page} is ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_damaged_node_of_the_freshness_tree_is_found_while_it_is_in_memory_and_repair_writes_it_again(int level)
    {
        Sql($"UPDATE rows SET body = zeroblob(length(body)) WHERE id = {RowIds.Versions(level, 0)}");
        Assert.Equal(1, Pass().Problems);
        Assert.StartsWith(nameof(FsckCode.FreshnessNode), Assert.Single(events.Lines).Reason, StringComparison.Ordinal);
        // A commit that passes the node writes it again by itself.
        store.IsClean();
        Sql($"UPDATE rows SET body = zeroblob(length(body)) WHERE id = {RowIds.Versions(level, 0)}");
        Assert.Equal(FsckCode.FreshnessNode, Assert.Single(store.Check().Problems).Code);
        Assert.True(store.Check(repair: true).Clean);
        store.Reopen();
        store.IsClean();
        Assert.Equal(content, store.User.ReadAll(file));
    }

    [Fact]
    public void A_segment_put_back_from_an_older_copy_or_another_line_of_changes_is_found()
    {
        using StoreFixture older = store.Copy(open: false);
        ulong segment = Segment(small);
        store.User.Write(small, 0, content);
        store.Store.Commit();
        Assert.Equal(segment, Segment(small));
        string name = segment.ToString("x16", null);
        store.Reopen(() => File.Copy(older.File("seg", name), store.File("seg", name), overwrite: true));
        Assert.InRange(Pass().Problems, 1, 100);
        Assert.Contains(events.Lines, e => e.Node == small);
    }

    [Fact]
    public void No_more_than_32_lines_are_written_about_one_pass()
    {
        Sql("UPDATE rows SET body = zeroblob(length(body)) WHERE id BETWEEN 60 AND 160");
        Assert.Equal(101, Pass().Problems);
        Assert.Equal(33, store.Reports.Count);
        Assert.Equal(32, events.Lines.Count);
    }

    [Fact]
    public void A_read_only_store_is_checked_as_well()
    {
        store.Reopen(readOnly: true);
        Assert.Equal(0, Pass().Problems);
        Flip(Segment(file), Place(file, 0) + 7);
        Assert.Equal(1, Pass().Problems);
    }

    public void Dispose() => store.Dispose();

    private ScrubStatus Pass() => store.Store.ScrubNow(TestContext.Current.CancellationToken);

    private long Place(ulong inode, ulong block)
    {
        using InodeLease lease = store.Store.State.Cache.Pin(inode);
        Assert.True(Extents.TryFrom(lease.Inode, block, out Extent extent));
        return extent.Slice(block, block + 1).Offset;
    }

    private ulong Segment(ulong inode)
    {
        using InodeLease lease = store.Store.State.Cache.Pin(inode);
        Assert.True(Extents.TryFrom(lease.Inode, 0, out Extent extent));
        return extent.Segment;
    }

    private ulong Owned(ulong inode)
    {
        using InodeLease lease = store.Store.State.Cache.Pin(inode);
        return lease.Inode.Map.OwnedRows().First();
    }

    /// <summary>Flips a bit of a segment; a negative offset counts from the end of what the small file wrote last.</summary>
    private void Flip(ulong segment, long at)
    {
        if (at < 0)
        {
            using InodeLease lease = store.Store.State.Cache.Pin(small);
            Assert.True(Extents.TryFrom(lease.Inode, 0, out Extent extent));
            at += extent.Offset + extent.SealedBytes;
        }
        using FileStream bytes = new(store.File("seg", segment.ToString("x16", null)), System.IO.FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        bytes.Position = at;
        int old = bytes.ReadByte();
        bytes.Position = at;
        bytes.WriteByte((byte)(old ^ 1));
    }

    /// <summary>The body of a row, in hex.</summary>
    private string Body(ulong row)
    {
        using var connection = new SqliteConnection(store.File(SqliteRows.FileName), raw.SQLITE_OPEN_READWRITE, "SELECT 1");
        return connection.Text($"SELECT hex(body) FROM rows WHERE id = {row}");
    }

    /// <summary>Works on claw.db of the open store.</summary>
    private void Sql(string sql)
    {
        using var connection = new SqliteConnection(store.File(SqliteRows.FileName), raw.SQLITE_OPEN_READWRITE, sql);
    }

    private sealed class CollectingSink : FsEventSink
    {
        public List<(ulong Node, string Reason)> Lines { get; } = [];

        public override void Publish(in FsEvent e)
        {
            if (e.Kind == FsEventKind.Damage)
            {
                Lines.Add((e.Node, Encoding.UTF8.GetString(e.Name!)));
            }
        }
    }
}

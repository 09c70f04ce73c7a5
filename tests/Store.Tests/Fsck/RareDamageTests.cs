using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Check;

/// <summary>Damage that only a fault of the program makes.</summary>
public sealed class RareDamageTests : IDisposable
{
    private readonly StoreFixture store = new();
    private readonly ulong file, other;

    public RareDamageTests()
    {
        ulong top = store.User.Folder(TreeUser.Root, "memory");
        file = store.User.File(top, "file");
        other = store.User.File(top, "other");
        store.User.Write(file, 0, Enumerable.Repeat((byte)1, 40_000).ToArray());
        store.User.Write(other, 0, Enumerable.Repeat((byte)2, 40_000).ToArray());
    }

    [Fact]
    public void Of_two_files_that_name_the_same_bytes_the_owner_keeps_them()
    {
        Extent mine = FirstExtent(file);
        Change(other, inode =>
        {
            Extents.Cut(inode, 3, 5, store.Store.State.Segments);
            Extents.Insert(inode, mine.Slice(3, 5), store.Store.State.Segments);
        });
        HashSet<FsckCode> codes = [.. store.Check().Problems.Select(static p => p.Code)];
        Assert.Contains(FsckCode.ExtentShared, codes);
        Assert.Contains(FsckCode.BlockDamaged, codes);
        Mends();
        Assert.All(store.User.ReadAll(file), static b => Assert.Equal(1, b));
        byte[] left = store.User.ReadAll(other);
        Assert.All(left[..(3 * 4096)], static b => Assert.Equal(2, b));
        Assert.All(left[(3 * 4096)..(5 * 4096)], static b => Assert.Equal(0, b));
        Assert.All(left[(5 * 4096)..], static b => Assert.Equal(2, b));
    }

    [Fact]
    public void A_malformed_extent_is_taken_out()
    {
        Change(file, static inode => inode.Map.Set(0, new byte[18]));
        Assert.Contains(store.Check().Problems, static p => p.Code == FsckCode.ExtentMalformed);
        Mends();
        Assert.All(store.User.ReadAll(file), static b => Assert.Equal(0, b));
    }

    [Fact]
    public void Extents_of_one_file_that_overlap_are_told_apart()
    {
        Extent mine = FirstExtent(file);
        Change(file, inode => Extents.Insert(inode, mine.Slice(2, 3) with { Block = 5 }, store.Store.State.Segments));
        Assert.Contains(store.Check().Problems, static p => p.Code == FsckCode.ExtentMalformed);
        Mends();
        Assert.All(store.User.ReadAll(file)[..(5 * 4096)], static b => Assert.Equal(1, b));
    }

    [Fact]
    public void Rows_that_belong_to_nothing_go()
    {
        store.Store.State.Dirty.Touch(new LooseRow(store.Store.State.NewRowId(), RowKind.TreeLeaf));
        store.Store.State.Dirty.Touch(new LooseRow(store.Store.State.NewRowId(), RowKind.System));
        Assert.Equal([FsckCode.RowUnowned, FsckCode.RowUnowned], store.Check().Problems.Select(static p => p.Code));
        Mends();
    }

    [Fact]
    public void A_row_beyond_the_next_number_moves_the_number_on()
    {
        const ulong Far = 1 << 20;
        store.Store.State.Dirty.Touch(new LooseRow(Far, RowKind.TreeLeaf));
        Assert.Contains(store.Check().Problems, static p => p.Code == FsckCode.NextNumber);
        Mends();
        Assert.True(store.Store.State.NewRowId() > Far);
    }

    [Fact]
    public void A_page_with_two_owners_is_named_and_keeps_repair_away()
    {
        ulong many = store.User.Folder(TreeUser.Root, "many");
        for (int i = 0; i < 200; i++)
        {
            store.User.Forget(store.User.File(many, $"{i}"));
        }
        Change(store.User.Folder(TreeUser.Root, "twin"), twin =>
        {
            var owner = new SpanWriter(64);
            using InodeLease lease = store.Store.State.Cache.Pin(many);
            lease.Inode.Map.Snapshot(new RowBatch(), owner);
            var reader = new SpanReader(owner.Written);
            twin.Map.Load(ref reader);
        });
        FsckReport report = store.Check(repair: true);
        Assert.Contains(report.Problems, static p => p.Code == FsckCode.RowOwnedTwice);
        Assert.False(report.Clean);
        Assert.Empty(report.Repaired);
        Assert.Equal(200, store.User.List(many).Count);
    }

    public void Dispose() => store.Dispose();

    private Extent FirstExtent(ulong id)
    {
        using InodeLease lease = store.Store.State.Cache.Pin(id);
        Assert.True(Extents.TryFrom(lease.Inode, 0, out Extent extent));
        return extent;
    }

    private void Change(ulong id, Action<Inode> change)
    {
        using InodeLease lease = store.Store.State.Cache.Pin(id);
        lock (lease.Inode)
        {
            store.Store.State.Dirty.Touch(lease.Inode);
            change(lease.Inode);
        }
    }

    private void Mends()
    {
        FsckReport mended = store.Check(repair: true);
        Assert.True(mended.Clean, string.Join("; ", mended.Remaining));
        store.IsClean();
        store.Reopen();
        store.IsClean();
    }

    private sealed class LooseRow(ulong id, RowKind kind) : StoredObject(id)
    {
        public override void Snapshot(RowBatch batch, SpanWriter scratch) => batch.Put(Id, kind, default);
    }
}

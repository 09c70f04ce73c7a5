using ClawFS.Store.Rows;
using SQLitePCL;

namespace ClawFS.Store.Tests.Rows;

public sealed class EpochTests : IDisposable
{
    private readonly RowFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void Rows_of_many_epochs_stay_readable()
    {
        for (int i = 0; i < 150; i++)
        {
            fixture.Put(100 + (ulong)i, [(byte)i]);
            fixture.Reopen(orderly: i % 3 != 0);
        }
        for (int i = 0; i < 150; i++)
            Assert.Equal([(byte)i], fixture.Get(100 + (ulong)i)!);
    }

    [Fact]
    public void An_opening_without_a_commit_leaves_no_epoch()
    {
        fixture.Put(100, [1]);
        string[] before = Salts(fixture.Scratch);
        fixture.Reopen();
        fixture.Reopen();
        Assert.Equal(before, Salts(fixture.Scratch));
    }

    [Fact]
    public void A_store_and_its_copy_that_both_run_on_never_seal_under_one_salt()
    {
        fixture.Put(100, [1]);
        fixture.Shut();
        using var copy = new ScratchFolder();
        fixture.Scratch.CopyTo(copy);
        fixture.ReopenAfterShut();
        var batch = new RowBatch();
        batch.Put(100, RowKind.Inode, [2]);
        fixture.Rows.Commit(batch, default);
        using (RowStore other = fixture.OpenCopy(copy))
            other.Commit(batch, default);
        string[] a = Salts(fixture.Scratch), b = Salts(copy);
        Assert.Equal(32 * 2, a[0].Length);
        Assert.NotEqual(a[0], b[0]);
    }

    [Fact]
    public void A_row_of_a_copy_that_ran_on_by_itself_is_refused_even_with_the_same_version()
    {
        fixture.Put(100, [1]);
        fixture.Shut();
        using var copy = new ScratchFolder();
        fixture.Scratch.CopyTo(copy);
        fixture.ReopenAfterShut();
        fixture.Put(100, [2]);
        fixture.Shut();
        using (RowStore other = fixture.OpenCopy(copy))
        {
            var batch = new RowBatch();
            batch.Put(100, RowKind.Inode, [3]);
            other.Commit(batch, default);
            other.Close();
        }
        string foreign = Hex(copy, 100);
        Assert.Equal(Hex(fixture.Scratch, 100)[..16], foreign[..16]);
        fixture.Sql($"UPDATE rows SET body = x'{foreign}' WHERE id = 100");
        fixture.ReopenAfterShut();
        var refused = Assert.Throws<StoreException>(() => fixture.Get(100));
        Assert.Equal("row 100 is not authentic", refused.Message);
    }

    /// <summary>The salts that stand in clear in the root row and the rows of salts: those that rows were sealed under last.</summary>
    private static string[] Salts(ScratchFolder folder) =>
        [Hex(folder, RowIds.Root).Substring(2 * RootRow.PrefixSize, 2 * EpochKeys.SaltSize), Hex(folder, RowIds.Epochs(0))];

    private static string Hex(ScratchFolder folder, ulong id)
    {
        using var connection = new SqliteConnection(folder.File(SqliteRows.FileName), raw.SQLITE_OPEN_READWRITE, "");
        return connection.Text($"SELECT hex(body) FROM rows WHERE id = {id}");
    }
}

using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Rows;

public sealed class RowTamperTests : IDisposable
{
    private readonly RowFixture fixture = new();

    public RowTamperTests()
    {
        fixture.Put(10, [1, 1, 1, 1]);
        fixture.Put(11, [2, 2, 2, 2]);
    }

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void An_older_copy_of_a_row_is_refused_as_stale()
    {
        fixture.Shut();
        fixture.Sql("CREATE TABLE old AS SELECT * FROM rows WHERE id = 10");
        fixture.ReopenAfterShut();
        fixture.Put(10, [3]);
        Tamper("UPDATE rows SET body = (SELECT body FROM old) WHERE id = 10; DROP TABLE old");
        AssertDamaged("row 10 is stale", () => fixture.Get(10));
        Assert.Equal([2, 2, 2, 2], fixture.Get(11));
    }

    [Fact]
    public void Rows_that_change_places_are_refused()
    {
        Tamper("UPDATE rows SET id = 99 WHERE id = 10; UPDATE rows SET id = 10 WHERE id = 11; UPDATE rows SET id = 11 WHERE id = 99");
        AssertDamaged("row 10 is stale", () => fixture.Get(10));
        AssertDamaged("row 11 is stale", () => fixture.Get(11));
    }

    [Fact]
    public void A_row_under_another_id_is_not_authentic_even_if_it_claims_the_right_version()
    {
        Tamper("UPDATE rows SET body = (SELECT substr(a.body, 1, 8) FROM rows a WHERE a.id = 10) || (SELECT substr(b.body, 9) FROM rows b WHERE b.id = 11) WHERE id = 10");
        AssertDamaged("row 10 is not authentic", () => fixture.Get(10));
    }

    [Fact]
    public void A_removed_row_is_missed()
    {
        Tamper("DELETE FROM rows WHERE id = 10");
        AssertDamaged("row 10 is missing", () => fixture.Get(10));
        byte[] buffer = [];
        AssertDamaged("row 10 is missing", () => fixture.Rows.CheckRow(10, ref buffer, out _));
    }

    [Fact]
    public void A_deleted_row_that_is_put_back_stays_deleted_and_is_found_as_a_stray()
    {
        fixture.Shut();
        fixture.Sql("CREATE TABLE old AS SELECT * FROM rows WHERE id = 10");
        fixture.ReopenAfterShut();
        var batch = new RowBatch();
        batch.Delete(10);
        fixture.Rows.Commit(batch, default);
        Tamper("INSERT INTO rows SELECT * FROM old; DROP TABLE old");
        Assert.Null(fixture.Get(10));
        Assert.Equal([10UL], fixture.Rows.Strays());
    }

    [Fact]
    public void No_flipped_bit_and_no_cut_of_a_row_gives_wrong_bytes()
    {
        for (int length = 0; length < 28; length++)
            TamperCopy($"UPDATE rows SET body = substr(body, 1, {length}) WHERE id = 10");
        for (int at = 1; at <= 28; at++)
            TamperCopy($"UPDATE rows SET body = substr(body, 1, {at - 1}) || {Flipped(at)} || substr(body, {at + 1}) WHERE id = 10");
        TamperCopy("UPDATE rows SET body = body || x'00' WHERE id = 10");
        TamperCopy("UPDATE rows SET body = 'text' WHERE id = 10");
    }

    [Fact]
    public void A_row_read_as_another_kind_is_not_authentic()
    {
        AssertDamaged("row 10 is not authentic", () => fixture.Get(10, RowKind.TreeLeaf));
        byte[] buffer = [];
        Assert.Equal(RowKind.Inode, fixture.Rows.CheckRow(10, ref buffer, out int length));
        Assert.Equal([1, 1, 1, 1], buffer[..length]);
    }

    [Fact]
    public void An_older_node_of_the_freshness_tree_is_refused_with_all_rows_below_it()
    {
        fixture.Shut();
        string leaf = $"id = {RowIds.Versions(0, 0)}";
        fixture.Sql($"CREATE TABLE old AS SELECT * FROM rows WHERE id = 10 OR {leaf}");
        fixture.ReopenAfterShut();
        fixture.Put(10, [3]);
        fixture.Put(1000, [4]);
        Tamper("INSERT OR REPLACE INTO rows SELECT * FROM old; DROP TABLE old");
        Assert.Throws<StoreException>(() => fixture.Get(10));
        Assert.Throws<StoreException>(() => fixture.Get(11));
        Assert.Equal([4], fixture.Get(1000));
        var damaged = new List<StoreException>();
        Assert.Equal([1000UL], fixture.Rows.Ids(damaged.Add));
        Assert.Single(damaged);
        Assert.Throws<StoreException>(() => fixture.Rows.Ids().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(50)]
    [InlineData(60)]
    public void A_changed_root_row_is_refused_at_opening(int at)
    {
        fixture.Shut();
        fixture.Sql($"UPDATE rows SET body = substr(body, 1, {at - 1}) || {Flipped(at)} || substr(body, {at + 1}) WHERE id = 1");
        var refused = Assert.Throws<StoreException>(() => fixture.ReopenAfterShut());
        Assert.Equal(Errno.EIO, refused.Error);
    }

    [Fact]
    public void Changed_or_removed_salts_are_refused_at_opening()
    {
        fixture.Shut();
        fixture.Sql($"UPDATE rows SET body = x'00' || substr(body, 2) WHERE id = {RowIds.Epochs(0)}");
        AssertDamaged("the salts of epochs 1 and following are damaged or stale", () => fixture.ReopenAfterShut());
        fixture.Sql($"DELETE FROM rows WHERE id = {RowIds.Epochs(0)}");
        AssertDamaged("the salts of epochs 1 and following are damaged or stale", () => fixture.ReopenAfterShut());
    }

    [Theory]
    [InlineData(3, "the store was made by a newer claw (format 3, this one knows 2)")]
    [InlineData(1, "the store was made by an older claw (format 1, this one knows 2)")]
    public void A_store_of_another_format_is_refused_by_name(int format, string message)
    {
        fixture.Shut();
        fixture.Sql($"UPDATE rows SET body = substr(body, 1, 8) || x'0{format}00' || substr(body, 11) WHERE id = 1");
        var refused = Assert.Throws<StoreException>(() => fixture.ReopenAfterShut());
        Assert.Equal(Errno.EOPNOTSUPP, refused.Error);
        Assert.Equal(message, refused.Message);
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        fixture.Shut();
        using SecretKey other = SecretKey.Random();
        AssertDamaged("the root row is not authentic", () => fixture.ReopenAfterShut(otherKey: other));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5000)]
    public void A_cut_database_is_refused_or_refuses_the_rows(int length)
    {
        fixture.Shut();
        using (FileStream file = File.OpenWrite(fixture.Scratch.File(SqliteRows.FileName)))
            file.SetLength(length);
        var refused = Assert.Throws<StoreException>(() => fixture.ReopenAfterShut());
        Assert.Equal(Errno.EIO, refused.Error);
    }

    /// <summary>An SQL expression for byte <paramref name="at"/> (from 1) of the body, other than it is.</summary>
    private static string Flipped(int at) => $"CASE hex(substr(body, {at}, 1)) WHEN '41' THEN x'42' ELSE x'41' END";

    private void TamperCopy(string sql)
    {
        using var copy = new ScratchFolder();
        fixture.Shut();
        fixture.Scratch.CopyTo(copy);
        fixture.Sql(sql);
        fixture.ReopenAfterShut();
        Assert.Throws<StoreException>(() => fixture.Get(10));
        Assert.Equal([2, 2, 2, 2], fixture.Get(11));
        fixture.Shut();
        copy.CopyTo(fixture.Scratch);
        fixture.ReopenAfterShut();
        Assert.Equal([1, 1, 1, 1], fixture.Get(10));
    }

    private void Tamper(string sql)
    {
        fixture.Shut();
        fixture.Sql(sql);
        fixture.ReopenAfterShut();
    }

    private static void AssertDamaged(string message, Func<object?> action)
    {
        var refused = Assert.Throws<StoreException>(() => action());
        Assert.Equal(Errno.EIO, refused.Error);
        Assert.Equal(message, refused.Message);
    }

    private static void AssertDamaged(string message, Action action) => AssertDamaged(message, () => { action(); return null; });
}

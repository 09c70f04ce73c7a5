using ClawFS.Linux;
using ClawFS.Store.Log;

namespace ClawFS.Store.Tests.Log;

public sealed class JournalTests : IDisposable
{
    private readonly JournalFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void Records_come_back_in_order_over_restarts_and_files()
    {
        Assert.Equal(1UL, fixture.Append("a"));
        Assert.Equal(2UL, fixture.Append("b"));
        Assert.Equal(["a", "b"], fixture.Restart());
        Assert.Equal(3UL, fixture.Append("c"));
        Assert.Equal(4UL, fixture.Journal.Rotate());
        Assert.Equal(4UL, fixture.Append("d"));
        Assert.Equal(["a", "b", "c", "d"], fixture.Restart());
        Assert.Equal(["b", "c", "d"], fixture.Restart(2));
        Assert.Equal(["d"], fixture.Restart(4));
        fixture.Reopen();
        Assert.Empty(fixture.Replay(out ReplayResult result, 5));
        Assert.Equal((5UL, null, false, JournalFixture.Boot), (result.Next, result.Tear, result.DataFollows, result.Boot));
    }

    [Fact]
    public void Both_parts_of_a_payload_are_one_record()
    {
        fixture.Journal.Append(7, "ab"u8, "cd"u8);
        fixture.Journal.Append(7, default, "ef"u8);
        fixture.Journal.Append(7, default);
        Assert.Equal(["abcd", "ef", ""], fixture.Restart());
    }

    [Fact]
    public void Dropping_removes_only_files_that_lie_wholly_before()
    {
        fixture.Append("a");
        ulong second = fixture.Journal.Rotate();
        fixture.Append("b");
        ulong third = fixture.Journal.Rotate();
        long all = fixture.Journal.Bytes;
        fixture.Journal.DropBefore(second);
        Assert.Equal([JournalFile.NameOf(second), JournalFile.NameOf(third)], fixture.Files());
        Assert.InRange(fixture.Journal.Bytes, 1, all - 1);
        fixture.Journal.DropBefore(third - 1);
        Assert.Equal(2, fixture.Files().Length);
        fixture.Journal.DropBefore(ulong.MaxValue);
        Assert.Equal([JournalFile.NameOf(third)], fixture.Files());
        Assert.Equal(JournalHeader.Size, fixture.Journal.Bytes);
        Assert.Empty(fixture.Restart(third));
    }

    [Fact]
    public void An_empty_file_is_not_rotated()
    {
        fixture.Append("a");
        Assert.Equal(2UL, fixture.Journal.Rotate());
        Assert.Equal(2UL, fixture.Journal.Rotate());
        Assert.Equal(2, fixture.Files().Length);
    }

    [Fact]
    public void A_journal_larger_than_one_step_comes_back_whole()
    {
        string text = new('x', 100_000);
        for (int i = 0; i < 100; i++)
            fixture.Append(text + i);
        List<string> records = fixture.Restart();
        Assert.Equal(100, records.Count);
        Assert.Equal(text + 99, records[99]);
        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Journal.Append(1, new byte[JournalRecord.MaxPayload + 1]));
        fixture.Journal.Append(7, new byte[JournalRecord.MaxPayload]);
        Assert.Equal(101, fixture.Restart().Count);
    }

    [Fact]
    public void A_missing_file_in_the_middle_is_refused()
    {
        fixture.Append("a");
        ulong second = fixture.Journal.Rotate();
        fixture.Append("b");
        fixture.Journal.Rotate();
        fixture.Append("c");
        File.Delete(fixture.PathOf(second));
        fixture.Reopen();
        var refused = Assert.Throws<StoreException>(() => fixture.Replay(out _));
        Assert.Equal(Errno.EIO, refused.Error);
        Assert.Contains("gap", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_begins_after_what_the_rows_need_is_refused()
    {
        fixture.Append("a");
        ulong second = fixture.Journal.Rotate();
        fixture.Append("b");
        fixture.Journal.DropBefore(second);
        fixture.Reopen();
        Assert.Throws<StoreException>(() => fixture.Replay(out _, 1));
    }

    [Fact]
    public void A_damaged_record_before_the_last_file_is_refused_as_a_gap()
    {
        fixture.Append("a");
        fixture.Append("b");
        fixture.Journal.Rotate();
        fixture.Append("c");
        fixture.Journal.Dispose();
        byte[] bytes = File.ReadAllBytes(fixture.PathOf(1));
        bytes[JournalHeader.Size + 40]++;
        File.WriteAllBytes(fixture.PathOf(1), bytes);
        fixture.Open();
        Assert.Throws<StoreException>(() => fixture.Replay(out _));
    }

    [Theory]
    [InlineData(9, "the journal was made by a newer claw (format 9, this one knows 2)")]
    [InlineData(1, "the journal was made by an older claw (format 1, this one knows 2)")]
    public void A_file_of_another_format_is_refused_by_name(byte format, string message)
    {
        fixture.Append("a");
        fixture.Journal.Dispose();
        byte[] bytes = File.ReadAllBytes(fixture.PathOf(1));
        bytes[8] = format;
        File.WriteAllBytes(fixture.PathOf(1), bytes);
        fixture.Open();
        var refused = Assert.Throws<StoreException>(() => fixture.Replay(out _));
        Assert.Equal(message, refused.Message);
    }

    [Fact]
    public void A_read_only_journal_is_replayed_and_changes_no_file()
    {
        fixture.Append("a");
        fixture.Reopen(readOnly: true);
        Assert.Equal(["a"], fixture.Replay(out ReplayResult result));
        var refused = Assert.Throws<StoreException>(() => fixture.Journal.Start(result.Next));
        Assert.Equal(Errno.EROFS, refused.Error);
    }

    [Fact]
    public async Task Records_of_many_threads_get_one_sequence_each()
    {
        Task[] writers = [.. Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < 500; i++)
                Assert.True(fixture.Append($"{t} {i}") > 0);
        }))];
        await Task.WhenAll(writers);
        List<string> records = fixture.Restart();
        Assert.Equal(2000, records.Count);
        for (int t = 0; t < 4; t++)
            Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{t} {i}"), records.Where(r => r[0] == '0' + t));
    }

    [Fact]
    public void Appending_allocates_nothing()
    {
        byte[] payload = new byte[300];
        Assert.Equal(0, Allocations.Of(() => fixture.Journal.Append(7, payload, payload)));
    }

    [Fact]
    public void Nothing_of_a_record_is_readable_in_the_file()
    {
        fixture.Append("the quick brown fox");
        Assert.Equal(-1, File.ReadAllBytes(fixture.PathOf(1)).AsSpan().IndexOf("quick"u8));
    }
}

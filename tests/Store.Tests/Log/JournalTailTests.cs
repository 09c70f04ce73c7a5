using ClawFS.Store.Log;

namespace ClawFS.Store.Tests.Log;

/// <summary>What a kill or a power loss may leave at the end of the journal: replay gives a prefix, and says so.</summary>
public sealed class JournalTailTests : IDisposable
{
    private static readonly string[] Texts = ["first", "second one", "third", "the fourth and last record"];

    private readonly JournalFixture fixture = new();
    private readonly byte[] whole;
    private readonly int[] ends;

    public JournalTailTests()
    {
        ends = [.. Texts.Select(text => { fixture.Append(text); return (int)fixture.Journal.Bytes; })];
        fixture.Journal.Dispose();
        whole = File.ReadAllBytes(fixture.PathOf(1))[..(ends[^1] + 64)];
    }

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void Cutting_anywhere_leaves_a_prefix_that_can_be_gone_on_with()
    {
        for (int length = ends[0]; length <= ends[^1]; length++)
        {
            int kept = ends.Count(end => end <= length);
            bool torn = !ends.Contains(length);
            Check(whole[..length], kept, torn && whole.AsSpan(ends[kept - 1], length - ends[kept - 1]).ContainsAnyExcept((byte)0), dataFollows: false);
        }
    }

    [Fact]
    public void Flipping_any_byte_of_the_tail_leaves_a_prefix_and_tells_what_follows()
    {
        for (int at = ends[1]; at < ends[^1]; at++)
        {
            byte[] bytes = [.. whole];
            bytes[at] ^= 0x41;
            int kept = ends.Count(end => end <= at);
            Check(bytes, kept, torn: true, dataFollows: kept == 2);
        }
    }

    [Fact]
    public void Zeros_where_a_page_was_lost_leave_a_prefix_and_tell_what_follows()
    {
        byte[] bytes = [.. whole];
        bytes.AsSpan(ends[1], ends[2] - ends[1]).Clear();
        Check(bytes, 2, torn: true, dataFollows: true);
    }

    [Fact]
    public void A_record_that_is_repeated_or_moved_is_not_taken()
    {
        byte[] twice = [.. whole[..ends[1]], .. whole[ends[0]..ends[1]], .. whole[ends[1]..]];
        Check(twice, 2, torn: true, dataFollows: true);
        byte[] swapped = [.. whole[..ends[0]], .. whole[ends[1]..ends[2]], .. whole[ends[0]..ends[1]], .. whole[ends[2]..]];
        Check(swapped, 1, torn: true, dataFollows: true);
    }

    [Fact]
    public void A_record_of_another_journal_file_is_not_taken()
    {
        fixture.Open();
        fixture.Replay(out ReplayResult result);
        fixture.Journal.Start(result.Next);
        fixture.Append("fifth");
        fixture.Journal.Dispose();
        byte[] other = File.ReadAllBytes(fixture.PathOf(5));
        File.Delete(fixture.PathOf(5));
        Check([.. whole[..ends[^1]], .. other[JournalHeader.Size..]], 4, torn: true, dataFollows: false);
    }

    [Fact]
    public void Damage_of_the_header_of_the_only_file_is_told()
    {
        for (int at = 0; at < JournalHeader.Size; at++)
        {
            if (at is 8 or 9)
                continue; // The format: another one is refused as newer.
            byte[] bytes = [.. whole];
            bytes[at] ^= 0x41;
            Check(bytes, 0, torn: true, dataFollows: true, goOn: false);
        }
    }

    private void Check(byte[] bytes, int kept, bool torn, bool dataFollows, bool goOn = true)
    {
        File.WriteAllBytes(fixture.PathOf(1), bytes);
        fixture.Open();
        Assert.Equal(Texts[..kept], fixture.Replay(out ReplayResult result));
        Assert.Equal((ulong)kept + 1, result.Next);
        Assert.Equal(torn, result.Tear is not null);
        Assert.Equal(dataFollows, result.DataFollows);
        if (goOn)
        {
            fixture.Journal.Start(result.Next);
            fixture.Append("after");
            Assert.Equal([.. Texts[..kept], "after"], fixture.Restart());
        }
        fixture.Journal.Dispose();
        foreach (string file in fixture.Files())
            File.Delete(fixture.Scratch.File(file));
    }
}

using System.Text;
using ClawFS.Linux;
using ClawFS.Search.Query;
using ClawFS.Search.Saved;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search.Tests.Saved;

public sealed class SavedQueriesTests
{
    private readonly List<SearchHit> answer = [];
    private byte[]? kept;
    private Errno refusal;
    private bool complete = true;

    [Fact]
    public void What_a_query_finds_when_it_is_written_is_not_new_and_what_comes_later_is_once()
    {
        SavedQueries saved = Open();
        SavedQuery query = Add(saved, "keys");
        answer.Add(Hit(1, 'a'));
        Assert.Null(saved.Set(query, new SavedQuestion("zebra", new SearchOptions())));
        Assert.Empty(saved.Refresh(query));
        answer.Add(Hit(2, 'b'));
        Assert.Equal([2UL], saved.Refresh(query).Select(hit => hit.Inode));
        Assert.Empty(saved.Refresh(query));
    }

    [Fact]
    public void A_file_that_left_is_told_again_only_with_another_content()
    {
        SavedQueries saved = Open();
        SavedQuery query = Add(saved, "keys");
        saved.Set(query, new SavedQuestion("zebra", new SearchOptions()));
        answer.Add(Hit(1, 'a'));
        Assert.Single(saved.Refresh(query));
        answer[0] = Hit(1, 'b');
        Assert.Empty(saved.Refresh(query));
        answer.Clear();
        Assert.Empty(saved.Refresh(query));
        answer.Add(Hit(1, 'b'));
        Assert.Empty(saved.Refresh(query));
        answer.Clear();
        saved.Refresh(query);
        answer.Add(Hit(1, 'c'));
        Assert.Single(saved.Refresh(query));
    }

    [Fact]
    public void A_restart_knows_what_was_kept_and_tells_what_came_meanwhile()
    {
        SavedQueries saved = Open();
        SavedQuery query = Add(saved, "κλειδιά of \"mine\"");
        answer.Add(Hit(1, 'a'));
        saved.Set(query, new SavedQuestion("zebra \"x y\"", SearchOptions.Parse("k=7 mode=words")));
        answer.Add(Hit(2, 'b'));
        saved.Refresh(query);
        answer.RemoveAt(0);
        saved.Refresh(query);
        Assert.True(saved.IsBehind);
        Assert.Null(saved.Keep());
        Assert.False(saved.IsBehind);
        SavedQueries again = Open();
        SavedQuery back = Assert.Single(again.All);
        Assert.Equal(query.Name, back.Name);
        Assert.Equal(query.Question, back.Question);
        answer.Add(Hit(1, 'a'));
        answer.Add(Hit(3, 'c'));
        Assert.Equal([3UL], again.Refresh(back).Select(hit => hit.Inode));
    }

    [Fact]
    public void While_the_index_is_not_complete_nothing_is_told_and_nothing_forgotten()
    {
        SavedQueries saved = Open();
        SavedQuery query = Add(saved, "keys");
        answer.Add(Hit(1, 'a'));
        saved.Set(query, new SavedQuestion("zebra", new SearchOptions()));
        (complete, SearchHit only) = (false, answer[0]);
        answer.Clear();
        Assert.Empty(saved.Refresh(query));
        Assert.Single(query.Last!.Answer.Hits);
        complete = true;
        answer.Add(only);
        Assert.Empty(saved.Refresh(query));
    }

    [Fact]
    public void Changed_is_called_when_the_answer_is_another_one_and_not_when_it_is_the_same()
    {
        SavedQueries saved = Open();
        SavedQuery query = Add(saved, "keys");
        saved.Set(query, new SavedQuestion("zebra", new SearchOptions()));
        int changes = 0;
        query.Changed = () => changes++;
        saved.Refresh(query);
        SearchAnswer before = query.Last!.Answer;
        Assert.Equal(0, changes);
        answer.Add(Hit(1, 'a'));
        saved.Refresh(query);
        Assert.Equal(1, changes);
        Assert.NotSame(before, query.Last!.Answer);
        SearchAnswer shown = query.Last!.Answer;
        saved.Refresh(query);
        Assert.Equal(1, changes);
        Assert.Same(shown, query.Last!.Answer);
    }

    [Fact]
    public void Limits_are_named()
    {
        SavedQueries saved = Open();
        SavedQuery first = Add(saved, "q0");
        Rejection? tooLong = saved.Set(first, new SavedQuestion(new string('x', SavedQueries.MaxQueryBytes + 1), new SearchOptions()));
        Assert.Equal((Errno.EFBIG, true), (tooLong!.Error, tooLong.Reason.Contains($"{SavedQueries.MaxQueryBytes} bytes", StringComparison.Ordinal)));
        for (int i = 1; i < SavedQueries.MaxQueries; i++)
        {
            Add(saved, $"q{i}");
        }
        Rejection? tooMany = saved.TryAdd("one more"u8, out _);
        Assert.Equal(Errno.EDQUOT, tooMany!.Error);
        Assert.Contains($"{SavedQueries.MaxQueries} standing queries", tooMany.Reason);
        Assert.Null(saved.Remove(first));
        Assert.Null(saved.TryAdd("one more"u8, out _));
    }

    [Theory]
    [InlineData(".hidden")]
    [InlineData("a\nb")]
    [InlineData("\u0085")]
    public void Names_that_no_event_line_should_carry_are_refused(string name)
    {
        Assert.Equal(Errno.EINVAL, Open().TryAdd(Encoding.UTF8.GetBytes(name), out SavedQuery? none)!.Error);
        Assert.Null(none);
    }

    [Fact]
    public void A_name_that_is_no_utf8_is_refused() => Assert.NotNull(Open().TryAdd([0x61, 0xFF], out _));

    [Fact]
    public void What_cannot_be_kept_is_not_made_and_says_why()
    {
        SavedQueries saved = Open();
        refusal = Errno.ENOSPC;
        Assert.Equal(Errno.ENOSPC, saved.TryAdd("keys"u8, out _)!.Error);
        Assert.Empty(saved.All);
        refusal = Errno.Ok;
        SavedQuery query = Add(saved, "keys");
        saved.Set(query, new SavedQuestion("zebra", new SearchOptions()));
        answer.Add(Hit(1, 'a'));
        saved.Refresh(query);
        refusal = Errno.ENOSPC;
        Assert.NotNull(saved.Keep());
        Assert.True(saved.IsBehind);
        Assert.NotNull(saved.Remove(query));
        Assert.Single(saved.All);
    }

    [Theory]
    [InlineData("""{"version":2,"queries":[]}""")]
    [InlineData("""{"version":1,"queries":[{"name":"x","query":"y"}]}""")]
    [InlineData("""{"version":1,"queries":[{"name":"x","query":"y","options":"","hits":{"-1":"00"},"former":{}}]}""")]
    [InlineData("""{"version":1,"queries":[{"name":"x","query":"y","options":"","hits":{"1":"zz"},"former":{}}]}""")]
    [InlineData("""{"version":1,"queries":[{"name":null,"query":"y","options":""}]}""")]
    [InlineData("""{"version":1""")]
    [InlineData("")]
    public void What_cannot_be_read_is_left_as_it_is(string content)
    {
        kept = Encoding.UTF8.GetBytes(content);
        SavedQueries saved = Open();
        Assert.NotNull(saved.Unreadable);
        Assert.Empty(saved.All);
        Assert.Equal(Errno.EROFS, saved.TryAdd("keys"u8, out _)!.Error);
        Assert.Equal(content, Encoding.UTF8.GetString(kept));
    }

    [Fact]
    public void What_is_remembered_of_former_hits_has_a_limit()
    {
        KnownHits known = new();
        for (ulong i = 1; i <= 3 * KnownHits.MaxFormer; i++)
        {
            known.Take([Hit(i, 'a')]);
        }
        Assert.Equal(KnownHits.MaxFormer, known.Former.Count);
        Assert.Single(known.Present);
    }

    private static SearchHit Hit(ulong inode, char content) =>
        new(1, 0.5, inode, $"memory/{inode}.md", 1, 1, "", new Snippet("text", []), new string(content, 64), 4, default);

    private static SavedQuery Add(SavedQueries saved, string name)
    {
        Assert.Null(saved.TryAdd(Encoding.UTF8.GetBytes(name), out SavedQuery? query));
        return query!;
    }

    private SavedQueries Open() => new(kept, content =>
    {
        if (refusal != Errno.Ok)
        {
            throw new StoreException(refusal, "no room");
        }
        kept = content;
    }, _ => new Asked(new SearchAnswer([.. answer], []), 1, DateTime.UtcNow, complete));
}

using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;

namespace Guard.Tests.Approvals;

public sealed class ApprovalTableTests
{
    private readonly List<GuardFrame> told = [];

    private ApprovalTable NewTable(TimeSpan? lifetime = null, TimeSpan? rest = null)
    {
        ApprovalTable table = new(lifetime ?? TimeSpan.FromHours(1), rest);
        table.TellTo(told.Add); // Under the table's own lock.
        return table;
    }

    private static Approval Ask(ApprovalTable table, object? requester = null, string? question = null) => table.Ask(requester ?? new object(), question, static _ => "card\n");

    private ApprovalOutcome[] Gone(Approval approval) => [.. told.OfType<ApprovalGoneFrame>().Where(frame => frame.Id == approval.Id).Select(frame => frame.Outcome)];

    private static ApprovalOutcome End(Approval approval)
    {
        Assert.True(approval.Said.Wait(GuardBed.Limit), "it has no end");
        return approval.Said.Result;
    }

    [Fact]
    public void A_no_ends_it_and_a_yes_is_told_only_when_it_was_used()
    {
        using ApprovalTable table = NewTable();
        Approval no = Ask(table), yes = Ask(table);
        Assert.Equal([no.Id, yes.Id], told.Cast<ApprovalFrame>().Select(frame => frame.Id));
        table.Decide(no.Id, isYes: false);
        table.Decide(yes.Id, isYes: true);
        Assert.Equal(ApprovalOutcome.Denied, End(no));
        Assert.Equal([ApprovalOutcome.Denied], Gone(no));
        Assert.Equal(ApprovalOutcome.Accepted, End(yes));
        Assert.Empty(Gone(yes));
        table.Close(yes, ApprovalOutcome.Changed);
        Assert.Equal([ApprovalOutcome.Changed], Gone(yes));
    }

    [Fact]
    public void A_second_word_a_foreign_name_and_a_late_withdrawal_change_nothing()
    {
        using ApprovalTable table = NewTable();
        Approval approval = Ask(table), other = Ask(table);
        table.Decide(approval.Id, isYes: false);
        table.Decide(approval.Id, isYes: true);
        table.Decide("nobody", isYes: true);
        table.Withdraw(approval);
        Assert.Equal(ApprovalOutcome.Denied, End(approval));
        Assert.Equal([ApprovalOutcome.Denied], Gone(approval));
        Assert.False(other.Said.IsCompleted);
    }

    [Fact]
    public void What_nobody_answers_expires_in_the_order_in_which_it_was_asked()
    {
        using ApprovalTable table = NewTable(TimeSpan.FromMilliseconds(30));
        Approval[] all = [.. Enumerable.Range(0, 5).Select(_ => Ask(table))];
        Assert.All(all, approval => Assert.Equal(ApprovalOutcome.Expired, End(approval)));
        Assert.Equal(all.Select(approval => approval.Id), told.OfType<ApprovalGoneFrame>().Select(frame => frame.Id));
        table.Decide(all[0].Id, isYes: true);
        Assert.Equal([ApprovalOutcome.Expired], Gone(all[0]));
    }

    [Fact]
    public void Only_so_many_wait_in_all_and_of_one_requester()
    {
        using ApprovalTable table = NewTable();
        Approval[] first = [.. Enumerable.Range(0, ApprovalTable.MostOfOne).Select(_ => Ask(table, "a"))];
        Assert.Contains("of this requester", Assert.Throws<SandboxRefusedException>(() => Ask(table, "a")).Message, StringComparison.Ordinal);
        for (int i = ApprovalTable.MostOfOne; i < ApprovalTable.Most; i++)
        {
            _ = Ask(table, i);
        }

        Assert.Contains("wait, which is the most", Assert.Throws<SandboxRefusedException>(() => Ask(table, "b")).Message, StringComparison.Ordinal);
        table.Withdraw(first[0]);
        _ = Ask(table, "b");
        Assert.Throws<SandboxRefusedException>(() => Ask(table, "c"));
    }

    [Fact]
    public void A_new_fs_is_told_all_that_waits_and_the_old_one_nothing_more()
    {
        using ApprovalTable table = NewTable();
        Approval done = Ask(table), kept = Ask(table);
        table.Decide(done.Id, isYes: false);
        int before = told.Count;
        List<GuardFrame> next = [];
        table.TellTo(next.Add);
        Assert.Equal([kept.Id], next.Cast<ApprovalFrame>().Select(frame => frame.Id));
        table.Decide(kept.Id, isYes: false);
        Assert.Equal(2, next.Count);
        Assert.Equal(before, told.Count);
    }

    [Fact]
    public void The_end_of_the_table_withdraws_what_waits()
    {
        ApprovalTable table = NewTable();
        Approval approval = Ask(table);
        table.Dispose();
        Assert.Equal(ApprovalOutcome.Withdrawn, End(approval));
        Assert.Equal([ApprovalOutcome.Withdrawn], Gone(approval));
    }

    [Fact]
    public void A_card_that_is_refused_leaves_nothing_behind()
    {
        using ApprovalTable table = NewTable();
        Assert.Throws<SandboxRefusedException>(() => table.Ask(1, null, static _ => throw new SandboxRefusedException("no")));
        Assert.Empty(told);
    }

    [Fact]
    public void A_no_stands_for_the_same_question_of_the_same_requester_and_for_nothing_else()
    {
        using ApprovalTable table = NewTable();
        Approval no = Ask(table, "a", "push"), yes = Ask(table, "a", "pull");
        table.Decide(no.Id, isYes: false);
        table.Decide(yes.Id, isYes: true);
        int before = told.Count;
        NotApprovedException again = Assert.Throws<NotApprovedException>(() => Ask(table, "a", "push"));
        Assert.Equal(ApprovalOutcome.Denied, again.Outcome);
        Assert.Contains(no.Id, again.Message, StringComparison.Ordinal);
        Assert.Contains("nobody was asked again", again.Message, StringComparison.Ordinal);
        Assert.Equal(before, told.Count);
        _ = Ask(table, "b", "push");
        _ = Ask(table, "a", "pull");
        _ = Ask(table, "a");
        Assert.Equal(before + 3, told.Count);
    }

    [Fact]
    public void A_no_ends_when_the_question_would_have_expired()
    {
        using ApprovalTable table = NewTable(TimeSpan.FromMilliseconds(200));
        table.Decide(Ask(table, "a", "push").Id, isYes: false);
        Approval? later = null;
        GuardBed.Until(() =>
        {
            try
            {
                later = Ask(table, "a", "push");
                return true;
            }
            catch (NotApprovedException)
            {
                return false;
            }
        }, "the end of a no");
        Assert.Equal(ApprovalOutcome.Expired, End(later!));
    }

    /// <summary>Who varies the question, or takes it back before it is answered, comes to an end all the same.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Noes_and_withdrawals_keep_their_places_for_a_while(bool isWithdrawn)
    {
        using ApprovalTable table = NewTable(rest: TimeSpan.FromHours(1));
        for (int i = 0; i < ApprovalTable.MostOfOne; i++)
        {
            Approval approval = Ask(table, "a", $"variant {i}");
            if (isWithdrawn)
            {
                table.Withdraw(approval);
            }
            else
            {
                table.Decide(approval.Id, isYes: false);
            }
        }

        Assert.Contains("of this requester", Assert.Throws<SandboxRefusedException>(() => Ask(table, "a", "another")).Message, StringComparison.Ordinal);
        _ = Ask(table, "b", "another");
    }

    [Fact]
    public void What_was_withdrawn_may_be_asked_again_and_gives_its_place_back()
    {
        using ApprovalTable table = NewTable(rest: TimeSpan.Zero);
        for (int i = 0; i < 3 * ApprovalTable.MostOfOne; i++)
        {
            table.Withdraw(Ask(table, "a", "push"));
        }
    }

    /// <summary>Two answers, the clock and a withdrawal at the same time: whoever is first, it ends once, and what fs is told is what who asked is told.</summary>
    [Fact]
    public void A_race_for_the_end_has_one_winner()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        using ApprovalTable table = NewTable(TimeSpan.FromMilliseconds(4));
        HashSet<ApprovalOutcome> seen = [];
        for (int round = 0; round < 400; round++)
        {
            Approval approval = Ask(table);
            Action[] racers = [() => table.Decide(approval.Id, isYes: true), () => table.Decide(approval.Id, isYes: false), () => table.Withdraw(approval)];
            random.Shuffle(racers);
            if (random.Next(4) == 0)
            {
                Thread.Sleep(3); // The clock joins.
            }

            Parallel.Invoke(racers);
            ApprovalOutcome end = End(approval);
            _ = seen.Add(end);
            Assert.True(Gone(approval) is var gone && (end == ApprovalOutcome.Accepted ? gone is [] : gone is [var only] && only == end), $"seed {seed}, round {round}: {end}, told {string.Join(' ', Gone(approval))}");
            if (round % 10 == 0)
            {
                Approval alone = Ask(table);
                Assert.Equal(ApprovalOutcome.Expired, End(alone));
            }
        }

        Assert.True(seen.Count > 1, "nobody raced");
    }
}

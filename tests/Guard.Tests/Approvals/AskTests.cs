using ClawFS.Linux;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;

namespace Guard.Tests.Approvals;

/// <summary>Questions at the owner's launch socket, as `claw run` asks them.</summary>
public sealed class AskTests
{
    private static readonly CardField[] Card = [CardField.Of("what", "launch"), CardField.Of("command", ["a\nb", "c"])];

    [Theory]
    [InlineData(true, ApprovalOutcome.Accepted)]
    [InlineData(false, ApprovalOutcome.Changed)]
    public void A_yes_comes_to_who_asked_and_what_has_become_of_it_to_fs(bool isUsed, ApprovalOutcome told)
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using AskedOwner asked = AskedOwner.Ask(bed.Mount, Card);
        ApprovalFrame frame = bed.Approval();
        Assert.Equal((asked.Id, asked.Expires), (frame.Id, frame.Expires));
        Assert.StartsWith("what = \"launch\"\ncommand = [\"a\\nb\", \"c\"]\nasked_by = \"", frame.Card, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId} of ", frame.Card, StringComparison.Ordinal);
        bed.Say(asked.Id, isYes: true);
        Assert.Equal(ApprovalOutcome.Accepted, asked.Wait(TestContext.Current.CancellationToken));
        Assert.Single(bed.Approvals);
        asked.Use(isUsed);
        Assert.Equal(told, bed.OutcomeOf(asked.Id));
    }

    [Fact]
    public void A_no_the_clock_and_guards_end_are_told_apart()
    {
        using GuardBed bed = new(TimeSpan.FromSeconds(1), ("p.toml", GuardBed.Writing));
        using AskedOwner no = AskedOwner.Ask(bed.Mount, Card);
        bed.Say(no.Id, isYes: false);
        Assert.Equal(ApprovalOutcome.Denied, no.Wait(TestContext.Current.CancellationToken));
        Assert.Equal(ApprovalOutcome.Denied, bed.OutcomeOf(no.Id));
        using AskedOwner late = AskedOwner.Ask(bed.Mount, Card);
        Assert.Equal(ApprovalOutcome.Expired, late.Wait(TestContext.Current.CancellationToken));
        Assert.Equal(ApprovalOutcome.Expired, bed.OutcomeOf(late.Id));
    }

    [Fact]
    public async Task Who_goes_away_withdraws_and_so_does_a_yes_that_nobody_uses()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        string id;
        using (AskedOwner asked = AskedOwner.Ask(bed.Mount, Card))
        {
            id = asked.Id;
        }

        Assert.Equal(ApprovalOutcome.Withdrawn, bed.OutcomeOf(id));
        using CancellationTokenSource gone = new();
        using AskedOwner other = AskedOwner.Ask(bed.Mount, Card);
        Task<ApprovalOutcome> waiting = Task.Run(() => other.Wait(gone.Token), TestContext.Current.CancellationToken);
        await gone.CancelAsync();
        Assert.Equal(ApprovalOutcome.Withdrawn, await waiting);
        Assert.Equal(ApprovalOutcome.Withdrawn, bed.OutcomeOf(other.Id));
        using (AskedOwner unused = AskedOwner.Ask(bed.Mount, Card))
        {
            bed.Say(id = unused.Id, isYes: true);
            Assert.Equal(ApprovalOutcome.Accepted, unused.Wait(TestContext.Current.CancellationToken));
        }

        Assert.Equal(ApprovalOutcome.Withdrawn, bed.OutcomeOf(id));
    }

    [Fact]
    public void An_answer_of_somebody_else_counts_for_nothing()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using AskedOwner asked = AskedOwner.Ask(bed.Mount, Card);
        Assert.Equal(asked.Id, bed.Approval().Id);
        bed.Say(asked.Id, isYes: true, uid: 60_911);
        GuardBed.Until(() => bed.Reports.Count > 0, "a report");
        Assert.Single(bed.Approvals);
        bed.Say(asked.Id, isYes: false);
        Assert.Equal(ApprovalOutcome.Denied, asked.Wait(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_new_fs_shows_what_waits_again_and_its_answer_counts()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using AskedOwner asked = AskedOwner.Ask(bed.Mount, Card);
        ApprovalFrame first = bed.Approval();
        bed.ReplaceFs();
        Assert.Equal(first, bed.Approval(after: 1));
        bed.Say(asked.Id, isYes: true);
        Assert.Equal(ApprovalOutcome.Accepted, asked.Wait(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void When_guard_ends_nobody_says_yes()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using AskedOwner asked = AskedOwner.Ask(bed.Mount, Card);
        bed.Replace();
        Assert.NotEqual(ApprovalOutcome.Accepted, asked.Wait(TestContext.Current.CancellationToken));
        int before = bed.Approvals.Length;
        bed.Say(asked.Id, isYes: true);
        bed.Connect().Dispose(); // The new guard listens.
        using AskedOwner next = AskedOwner.Ask(bed.Mount, Card);
        Assert.Equal(next.Id, bed.Approval(before).Id);
    }

    [Fact]
    public void What_cannot_be_asked_is_refused_with_the_reason()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        Assert.Contains("too long", Assert.Throws<IOException>(() => AskedOwner.Ask(bed.Mount, [CardField.Of("x", new string('a', 20_000))])).Message, StringComparison.Ordinal);
        Assert.Contains("too long", Assert.Throws<IOException>(() => AskedOwner.Ask(bed.Mount, [CardField.Of("x", new string('a', 70_000))])).Message, StringComparison.Ordinal);
        Assert.Contains("no such kind", Assert.Throws<IOException>(() => AskedOwner.Ask(bed.Mount, [CardField.Of("expires", "never")])).Message, StringComparison.Ordinal);
        Assert.Throws<LinuxException>(() => AskedOwner.Ask(bed.Workspace, Card));
        List<AskedOwner> most = [];
        for (int i = 0; i < ApprovalTable.MostOfOne; i++)
        {
            most.Add(AskedOwner.Ask(bed.Mount, Card));
        }

        Assert.Contains("of this requester", Assert.Throws<IOException>(() => AskedOwner.Ask(bed.Mount, Card)).Message, StringComparison.Ordinal);
        most.ForEach(static asked => asked.Dispose());
        GuardBed.Until(() => bed.Approvals.OfType<ApprovalGoneFrame>().Count() == most.Count, "all to be withdrawn");
    }
}

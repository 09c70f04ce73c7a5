using ClawFS.Linux;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;

namespace Guard.Tests.Approvals;

/// <summary>Commands with <c>approve</c> at a launch socket, with real sandboxes.</summary>
public sealed class LaunchApprovalTests : IDisposable
{
    private readonly string tools = Directory.CreateTempSubdirectory("claw-tools-").FullName;

    public LaunchApprovalTests() => Make("deploy", "echo deployed $1");

    public void Dispose() => Directory.Delete(tools, recursive: true);

    private string Tool => Path.Combine(tools, "deploy");

    private void Make(string name, string script)
    {
        File.WriteAllText(Path.Combine(tools, name), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(Path.Combine(tools, name), (UnixFileMode)0b111_101_101);
    }

    private string Policy(string more = "") => $"{GuardBed.Writing}[[command]]\npath = \"{Tool}\"\napprove = true\n{more}";

    private GuardBed Bed(TimeSpan? lifetime = null) => new(lifetime ?? ApprovalTable.Lifetime, ("p.toml", Policy()));

    private static (ApprovalFrame Card, LaunchReply Waits) Waiting(GuardBed bed, SeqPacketSocket client)
    {
        LaunchReply waits = GuardBed.Reply(client);
        Assert.True(waits.Approval is not null, waits.Error);
        return (bed.Approval(), waits);
    }

    private static void NotStarted(GuardBed bed, SeqPacketSocket client, string id, ApprovalOutcome outcome, string reason, Shell shell)
    {
        LaunchReply end = GuardBed.Reply(client);
        Assert.Null(end.Run);
        Assert.Contains(reason, end.Error, StringComparison.Ordinal);
        Assert.Equal(LaunchServer.WordOf(outcome), end.Outcome);
        Assert.Equal(outcome, bed.OutcomeOf(id));
        Assert.Equal("", shell.Rest());
    }

    [Fact]
    public void It_waits_for_the_yes_and_then_runs_once()
    {
        using GuardBed bed = Bed();
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order(Tool, "now", "a b"), shell.Streams);
        shell.HandOver();
        (ApprovalFrame card, LaunchReply waits) = Waiting(bed, client);
        Assert.Equal((card.Id, card.Expires.ToUnixTimeMilliseconds()), (waits.Approval, waits.Expires));
        foreach (string line in (string[])["what = \"launch\"", "policy = \"p\"", $"program = \"{Tool}\"", $"command = [\"{Tool}\", \"now\", \"a b\"]", $"folder = \"{bed.Workspace}\"", $"workspace = \"{bed.Workspace}\"", "environment = [\"PATH=/usr/bin:/bin\"]"])
        {
            Assert.Contains($"{line}\n", card.Card, StringComparison.Ordinal);
        }

        Assert.Equal(RunTable.Head, bed.Runs);
        bed.Say(card.Id, isYes: true);
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Equal("deployed now\n", shell.Rest());
        Assert.Equal(("exited", 0), (GuardBed.Reply(client) is var end ? end.Reason : "", end.Code));
        Assert.Equal(ApprovalOutcome.Accepted, bed.OutcomeOf(card.Id));

        int before = bed.Approvals.Length;
        using Shell second = new();
        using SeqPacketSocket again = bed.Ask(bed.Order(Tool, "now", "a b"), second.Streams);
        second.HandOver();
        Assert.NotNull(GuardBed.Reply(again).Approval);
        bed.Say(card.Id, isYes: true); // The old one is used up.
        ApprovalFrame next = bed.Approval(before);
        Assert.NotEqual(card.Id, next.Id);
        bed.Say(next.Id, isYes: false);
        NotStarted(bed, again, next.Id, ApprovalOutcome.Denied, "denied", second);
    }

    [Fact]
    public void What_nobody_answers_is_denied_in_the_end()
    {
        using GuardBed bed = Bed(TimeSpan.FromSeconds(1));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order(Tool), shell.Streams);
        shell.HandOver();
        (ApprovalFrame card, _) = Waiting(bed, client);
        NotStarted(bed, client, card.Id, ApprovalOutcome.Expired, "expired", shell);
    }

    [Fact]
    public void A_client_that_goes_away_withdraws_it()
    {
        using GuardBed bed = Bed();
        using Shell shell = new();
        string id;
        using (SeqPacketSocket client = bed.Ask(bed.Order(Tool), shell.Streams))
        {
            shell.HandOver();
            id = Waiting(bed, client).Card.Id;
        }

        Assert.Equal(ApprovalOutcome.Withdrawn, bed.OutcomeOf(id));
        Assert.Equal("", shell.Rest());
        bed.Say(id, isYes: true);
        using Shell other = new();
        using SeqPacketSocket good = bed.Ask(bed.Order("/bin/true"), other.Streams);
        Assert.NotNull(GuardBed.Reply(good).Run);
        Assert.Equal(ApprovalOutcome.Withdrawn, bed.OutcomeOf(id));
    }

    [Theory]
    [InlineData("write")]
    [InlineData("replace")]
    [InlineData("policy")]
    [InlineData("unapprove")]
    [InlineData("remove")]
    public void What_has_changed_since_it_was_shown_is_not_started(string how)
    {
        using GuardBed bed = Bed();
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order(Tool), shell.Streams);
        shell.HandOver();
        (ApprovalFrame card, _) = Waiting(bed, client);
        switch (how)
        {
            case "write":
                Make("deploy", "echo evil");
                break;
            case "replace":
                Make("other", "echo evil");
                File.Move(Path.Combine(tools, "other"), Tool, overwrite: true);
                break;
            case "policy":
                _ = bed.Apply(("p.toml", Policy("[limits]\nprocesses = 5\n")));
                break;
            case "unapprove":
                _ = bed.Apply(("p.toml", Policy().Replace("approve = true", "", StringComparison.Ordinal)));
                break;
            default:
                _ = bed.Apply(("p.toml", GuardBed.Writing));
                break;
        }

        bed.Say(card.Id, isYes: true);
        LaunchReply end = GuardBed.Reply(client);
        Assert.Null(end.Run);
        Assert.NotNull(end.Error);
        Assert.Equal(how == "remove" ? null : "changed", end.Outcome);
        Assert.Equal(ApprovalOutcome.Changed, bed.OutcomeOf(card.Id));
        Assert.Equal("", shell.Rest());
    }

    [Fact]
    public void A_no_stands_for_the_same_command_whatever_its_variables_are_and_not_for_another()
    {
        using GuardBed bed = Bed();
        using Shell shell = new();
        string denied;
        using (SeqPacketSocket client = bed.Ask(bed.Order(Tool, "now"), shell.Streams))
        {
            denied = Waiting(bed, client).Card.Id;
            bed.Say(denied, isYes: false);
            Assert.Equal("denied", GuardBed.Reply(client).Outcome);
        }

        Assert.Equal(ApprovalOutcome.Denied, bed.OutcomeOf(denied));
        int before = bed.Approvals.Length;
        using (SeqPacketSocket again = bed.Ask(bed.Order(Tool, "now") with { Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin", ["A"] = "1" } }, shell.Streams))
        {
            LaunchReply reply = GuardBed.Reply(again);
            Assert.Equal("denied", reply.Outcome);
            Assert.Contains($"approval {denied}: denied by the owner, which stands", reply.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, bed.Approvals.Length);
        using SeqPacketSocket other = bed.Ask(bed.Order(Tool, "later"), shell.Streams);
        Assert.NotNull(GuardBed.Reply(other).Approval);
    }

    [Fact]
    public void Variables_that_steer_a_program_are_not_lost_among_others()
    {
        using GuardBed bed = Bed();
        using Shell shell = new();
        Dictionary<string, string> environment = Enumerable.Range(0, 50).ToDictionary(static i => $"A{i}", static _ => new string('x', 100));
        environment["LD_PRELOAD"] = $"{bed.Workspace}/evil.so";
        environment["PATH"] = $"{bed.Workspace}:/usr/bin";
        using SeqPacketSocket client = bed.Ask(bed.Order(Tool) with { Environment = environment }, shell.Streams);
        string card = Waiting(bed, client).Card.Card;
        Assert.Contains($"\nsteered_by = [\"LD_PRELOAD={bed.Workspace}/evil.so\", \"PATH={bed.Workspace}:/usr/bin\"]\nenvironment = [\"A0=x", card, StringComparison.Ordinal);
    }

    [Fact]
    public void Sandboxes_that_sandboxes_have_started_ask_as_one()
    {
        using GuardBed bed = new(("p.toml", "launch = true\n" + GuardBed.Writing + "[syscalls]\nask = [\"mkdir\"]\n"));
        using StartedRun outer = new(bed);
        using StartedRun inner = new(bed, outer.View);
        foreach (StartedRun run in (StartedRun[])[outer, inner])
        {
            Assert.Equal("here", run.Shell.Ask($"for i in 1 2 3 4 5 6; do mkdir {run.View}$i 2>/dev/null & done; echo here"));
        }

        GuardBed.Until(() => new[] { outer, inner }.Sum(static run => int.Parse(run.Shell.Ask("jobs -r | wc -l"), System.Globalization.CultureInfo.InvariantCulture)) == ApprovalTable.MostOfOne, "the others to be refused");
        Assert.Equal(ApprovalTable.MostOfOne, bed.Approvals.OfType<ApprovalFrame>().Count());
    }

    [Fact]
    public void A_killed_fs_leaves_it_waiting_and_the_next_one_answers()
    {
        using GuardBed bed = Bed();
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order(Tool, "later"), shell.Streams);
        shell.HandOver();
        (ApprovalFrame card, _) = Waiting(bed, client);
        bed.ReplaceFs();
        Assert.Equal(card, bed.Approval(after: 1));
        bed.Say(card.Id, isYes: true);
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Equal("deployed later\n", shell.Rest());
    }

    [Fact]
    public void What_was_launched_with_a_yes_keeps_its_program_until_the_policy_takes_it()
    {
        Make("deploy", "[ \"$1\" = again ] && exit 0; while read -r line; do eval \"$line\"; done");
        using GuardBed bed = Bed();
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order(Tool), shell.Streams);
        shell.HandOver();
        bed.Say(Waiting(bed, client).Card.Id, isYes: true);
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Equal("yes", shell.Can($"{Tool} again"));
        Assert.DoesNotContain("covered", bed.Apply(("p.toml", Policy("[limits]\nprocesses = 50\n"))), StringComparison.Ordinal);
        Assert.Equal("yes", shell.Can($"{Tool} again"));
        Assert.Contains($"{Tool}: covered", bed.Apply(("p.toml", GuardBed.Writing)), StringComparison.Ordinal);
        Assert.Equal("no", shell.Can($"{Tool} again"));
    }

    [Fact]
    public void Two_that_wait_are_answered_apart()
    {
        using GuardBed bed = Bed();
        using Shell one = new(), two = new();
        using SeqPacketSocket first = bed.Ask(bed.Order(Tool, "a b"), one.Streams);
        one.HandOver();
        string firstId = Waiting(bed, first).Waits.Approval!;
        using SeqPacketSocket second = bed.Ask(bed.Order(Tool, "a", "b"), two.Streams);
        two.HandOver();
        LaunchReply waits = GuardBed.Reply(second);
        bed.Say(waits.Approval!, isYes: true);
        Assert.NotNull(GuardBed.Reply(second).Run);
        Assert.Equal("deployed a\n", two.Rest());
        Assert.False(first.WaitForMessage(TimeSpan.Zero));
        bed.Say(firstId, isYes: false);
        NotStarted(bed, first, firstId, ApprovalOutcome.Denied, "denied", one);
    }

    [Fact]
    public void A_program_in_the_sandbox_starts_no_command_that_needs_approval()
    {
        using GuardBed bed = new(("p.toml", Policy().Replace("read = [", $"read = [\"{tools}/**\", ", StringComparison.Ordinal)));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Equal("yes", shell.Can($"cat {Tool} > /dev/null"));
        shell.Send($"( {Tool} ) 2>/dev/null && echo yes || echo no"); // What stands in its place asks.
        bed.Say(bed.Approval().Id, isYes: false);
        Assert.Equal("no", shell.Line());
    }

    [Fact]
    public void Calls_that_are_asked_wait_for_the_yes_and_others_do_not()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing + "[syscalls]\nask = [\"mkdir\"]\n"));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        string run = GuardBed.Reply(client).Run!;
        Assert.Equal("here", shell.Ask("mkdir a & echo here"));
        ApprovalFrame card = bed.Approval();
        Assert.Contains($"call = \"mkdir\"\nregisters = [\"0x", card.Card, StringComparison.Ordinal);
        Assert.Contains($"asked_by = \"sandbox {run}\"\n", card.Card, StringComparison.Ordinal);
        bed.Say(card.Id, isYes: true);
        Assert.Equal(ApprovalOutcome.Accepted, bed.OutcomeOf(card.Id));
        Assert.Equal("made", shell.Ask("wait; [ -d a ] && echo made"));
        int before = bed.Approvals.Length;
        Assert.Equal("here", shell.Ask("(mkdir b 2>/dev/null || echo refused > why) & echo here"));
        bed.Say(bed.Approval(before).Id, isYes: false);
        Assert.Equal("refused", shell.Ask("wait; cat why"));
        Assert.Contains(": covered", bed.Apply(("p.toml", GuardBed.Writing.Replace("\"$WORKSPACE/**\"", "\"$WORKSPACE/none\"", StringComparison.Ordinal) + "[syscalls]\nask = [\"mkdir\"]\n")), StringComparison.Ordinal);
        before = bed.Approvals.Length;
        Assert.Equal("here", shell.Ask("mkdir /tmp/c & echo here"));
        string last = bed.Approval(before).Id;
        Assert.Equal("killed", shell.Ask("kill -9 $!; echo killed"));
        Assert.Equal(ApprovalOutcome.Withdrawn, bed.OutcomeOf(last));
    }
}

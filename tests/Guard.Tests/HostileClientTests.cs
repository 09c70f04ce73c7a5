using System.Diagnostics;
using ClawFS.Linux;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;

namespace Guard.Tests;

/// <summary>Programs in sandboxes that want guard to stand still, to end, or to have no place left for anybody else.</summary>
public sealed class HostileClientTests
{
    private const string Launching = "launch = true\n" + GuardBed.Writing;

    private static readonly string s_executing = Launching.Replace("\"/lib64/**\"]\n", "\"/lib64/**\", \"$WORKSPACE/**\"]\n", StringComparison.Ordinal);

    [Theory]
    [InlineData("mkfifo \"$1\"")]
    [InlineData("printf '#!%s.pipe\\n' \"$1\" > \"$1\"; mkfifo \"$1.pipe\"; chmod +x \"$1\" \"$1.pipe\"")]
    public void A_pipe_in_the_place_of_a_program_or_of_its_interpreter_holds_nobody_up(string made)
    {
        using GuardBed bed = new(("p.toml", s_executing));
        string program = Path.Combine(bed.Workspace, "program");
        using (Process shell = Process.Start("/bin/sh", ["-c", made, "sh", program]))
        {
            shell.WaitForExit();
        }

        using Shell streams = new();
        using SeqPacketSocket client = bed.Ask(bed.Order(program), streams.Streams);
        LaunchReply reply = GuardBed.Reply(client);
        Assert.True(reply.Error is not null || GuardBed.Reply(client).Reason == "refused");
    }

    /// <summary>Each sandbox of a family has a socket of its own: together they have no more places than one.</summary>
    [Fact]
    public void Sandboxes_that_sandboxes_have_started_share_the_places_for_clients()
    {
        using GuardBed bed = new(("p.toml", Launching));
        List<IDisposable> open = [];
        try
        {
            StartedRun outer = new(bed);
            open.Add(outer);
            List<string> views = [outer.View];
            while (views.Count < 7)
            {
                StartedRun inner = new(bed, outer.View);
                open.Add(inner);
                views.Add(inner.View);
            }

            views.ForEach(view => open.AddRange(Fill(bed, view)));
            OwnerHasAPlace(bed);
        }
        finally
        {
            open.ForEach(static one => one.Dispose());
        }
    }

    [Fact]
    public void Unrelated_sandboxes_leave_the_owner_a_place()
    {
        using GuardBed bed = new(("p.toml", Launching));
        List<IDisposable> open = [];
        try
        {
            for (int i = 0; i < 7; i++)
            {
                StartedRun run = new(bed);
                open.Add(run);
                open.AddRange(Fill(bed, run.View));
            }

            OwnerHasAPlace(bed);
        }
        finally
        {
            open.ForEach(static one => one.Dispose());
        }
    }

    private static void OwnerHasAPlace(GuardBed bed)
    {
        using Shell shell = new();
        using SeqPacketSocket owner = bed.Ask(bed.Order("/bin/true"), shell.Streams);
        LaunchReply reply = GuardBed.Reply(owner);
        Assert.True(reply.Run is not null, reply.Error);
    }

    [Theory]
    [InlineData("time = \"60d\"")]
    [InlineData("time = \"365d\"\nmemory = \"1024TiB\"\ncpu = \"100000%\"\nprocesses = 4194304\ndisk = \"1024TiB\"")]
    public void The_largest_limits_start_a_command_or_refuse_it(string limits)
    {
        using GuardBed bed = new(("p.toml", $"{GuardBed.Writing}[limits]\n{limits}\n"));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/true"), shell.Streams);
        LaunchReply reply = GuardBed.Reply(client);
        Assert.True(reply.Run is not null, reply.Error);
        LaunchReply end = GuardBed.Reply(client);
        Assert.True(end.Reason == "exited", $"{end.Reason}: {end.Error}");
    }

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"launch":{"command":["/bin/true"],"environment":{"\ud800":"x"}}}""")]
    [InlineData("""{"launch":{"command":["/bin/true"],"environment":{"":"x"}}}""")]
    [InlineData("""{"launch":{"command":["/bin/true"],"environment":{"LD_PRELOAD=/x":"y"}}}""")]
    [InlineData("""{"launch":{"command":["/bin/true"],"environment":{"A\u0000":"x"}}}""")]
    [InlineData("""{"launch":{"command":["true"],"environment":{"PATH":"/\u0000:/bin"}}}""")]
    [InlineData("""{"launch":{"command":["/bin/true"],"folder":""}}""")]
    [InlineData("""{"launch":{"command":["./true"],"folder":"bin"}}""")]
    [InlineData("""{"launch":{"command":["/bin/true"],"folder":"bin"}}""")]
    [InlineData("""{"launch":{"policy":"\u0000","command":["/bin/true"]}}""")]
    [InlineData("""{"launch":{"command":[[]]}}""")]
    [InlineData("""{"launch":[]}""")]
    [InlineData("""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""")]
    public void What_nobody_means_is_refused_and_guard_lives_on(string message)
    {
        using GuardBed bed = new(("p.toml", Launching));
        using StartedRun outer = new(bed);
        using (Shell shell = new())
        using (SeqPacketSocket client = bed.Connect(outer.View))
        {
            Assert.True(client.SendAll(System.Text.Encoding.UTF8.GetBytes(message), shell.Streams));
            LaunchReply reply = GuardBed.Reply(client);
            Assert.True(reply.Error is not null || GuardBed.Reply(client).Reason == "refused", message);
        }

        using Shell good = new();
        using SeqPacketSocket next = bed.AskAt(outer.View, bed.Order("/bin/true") with { Policy = null }, good.Streams);
        Assert.NotNull(GuardBed.Reply(next).Run);
    }

    /// <summary>Clients that say nothing, as many as are taken: the last one is told that there are too many, and each view takes them in their order.</summary>
    private static List<SeqPacketSocket> Fill(GuardBed bed, string view)
    {
        List<SeqPacketSocket> silent = [.. Enumerable.Range(0, Principal.MostClients + 1).Select(_ => bed.Connect(view))];
        Assert.Contains("too many clients", GuardBed.Reply(silent[^1]).Error, StringComparison.Ordinal);
        return silent;
    }
}

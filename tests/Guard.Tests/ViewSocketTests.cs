using ClawFS.Linux;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;

namespace Guard.Tests;

/// <summary>What can be asked for at the launch socket of a view, and how it comes and goes.</summary>
public sealed class ViewSocketTests
{
    private const string Launching = "launch = true\n" + GuardBed.Writing;

    [Fact]
    public void From_a_view_a_command_is_started_under_its_policy_or_a_narrower_one()
    {
        using GuardBed bed = new(("p.toml", Launching), ("child.toml", "extends = \"p\"\n[limits]\nprocesses = 20\n"), ("other.toml", Launching));
        using Run outer = new(bed);
        foreach (string? policy in (string?[])[null, "p", "child"])
        {
            using Shell shell = new();
            using SeqPacketSocket client = bed.AskAt(outer.View, bed.Order("/bin/sh") with { Policy = policy, Workspace = "/etc" }, shell.Streams);
            shell.HandOver();
            Assert.NotNull(GuardBed.Reply(client).Run);
            Assert.Equal("no", shell.Can("cat /etc/passwd")); // The workspace is the view's, whatever is asked for.
            Assert.Equal("yes", shell.Can($"cd {bed.Workspace}"));
        }

        Assert.Contains("is not p", Refusal(bed, outer.View, bed.Order("/bin/true") with { Policy = "other" }), StringComparison.Ordinal);
        Assert.Contains("is not p", Refusal(bed, outer.View, bed.Order("/bin/true") with { Policy = "none" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Whether_a_file_of_the_machine_exists_is_not_told_in_a_view()
    {
        using GuardBed bed = new(("p.toml", Launching));
        using Run outer = new(bed);
        Assert.Equal(Refusal(bed, outer.View, bed.Order("/etc/shadow")).Replace("/etc/shadow", "", StringComparison.Ordinal), Refusal(bed, outer.View, bed.Order("/etc/nowhere")).Replace("/etc/nowhere", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_client_in_a_view_registers_nothing()
    {
        using GuardBed bed = new(("p.toml", Launching));
        using Run outer = new(bed);
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.CreatePair();
        using SeqPacketSocket client = bed.Connect(outer.View);
        using (own)
        using (theirs)
        {
            Assert.True(client.SendAll("""{"register":{"policy":"p","pid":1}}"""u8, [theirs.Descriptor]));
            Assert.Contains("not a request", GuardBed.Reply(client).Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"launch":{}}""")]
    [InlineData("""{"launch":{"command":null,"environment":null}}""")]
    [InlineData("""{"launch":{"command":[null]}}""")]
    [InlineData("""{"launch":{"command":[""]}}""")]
    [InlineData("""{"launch":{"command":["/bin/true"],"environment":{"A":null}}}""")]
    [InlineData("""{"launch":{"command":["/bin/true\u0000"]}}""")]
    [InlineData("""{"launch":{"command":["/bin/true"],"folder":"/\u0000"}}""")]
    [InlineData("""{"launch":{"command":["\ud800"]}}""")]
    [InlineData("""{"register":{}}""")]
    [InlineData("""{"register":{"policy":null}}""")]
    [InlineData("""{"ask":{}}""")]
    [InlineData("""{"ask":{"card":[null]}}""")]
    [InlineData("""{"ask":{"card":[{"name":null,"text":"x"}]}}""")]
    [InlineData("""{"ask":{"card":[{"name":"a","list":[null]}]}}""")]
    [InlineData("""{}""")]
    public void What_is_left_out_or_null_is_refused_and_guard_lives_on(string message)
    {
        using GuardBed bed = new(("p.toml", Launching));
        using Run outer = new(bed);
        foreach (string? view in (string?[])[outer.View, null])
        {
            using Shell shell = new();
            using SeqPacketSocket client = bed.Connect(view);
            Assert.True(client.SendAll(System.Text.Encoding.UTF8.GetBytes(message), message.Contains("launch", StringComparison.Ordinal) ? shell.Streams : []));
            LaunchReply reply = GuardBed.Reply(client);
            Assert.True(reply.Error is not null || reply.Approval is not null, message);
        }

        Assert.Equal("", Refusal(bed, outer.View, bed.Order("/bin/true") with { Environment = new Dictionary<string, string>() }));
    }

    [Fact]
    public void What_is_not_said_of_the_environment_is_an_empty_one()
    {
        using GuardBed bed = new(("p.toml", Launching));
        using Run outer = new(bed);
        using Shell shell = new();
        using SeqPacketSocket client = bed.Connect(outer.View);
        Assert.True(client.SendAll("""{"launch":{"command":["/bin/true"]}}"""u8, shell.Streams));
        LaunchReply reply = GuardBed.Reply(client);
        Assert.True(reply.Run is not null, reply.Error);
        Assert.Equal(0, GuardBed.Reply(client).Code);
    }

    [Fact]
    public void Without_launch_a_view_starts_nothing_that_needs_no_approval()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing + "[[command]]\npath = \"/opt/claw-test-tool\"\napprove = true\n"));
        using Run outer = new(bed);
        Assert.Contains("lets nothing be started from inside", Refusal(bed, outer.View, bed.Order("/bin/true")), StringComparison.Ordinal);

        // What the policy says now counts, not what it said at the launch.
        bed.Apply(("p.toml", Launching));
        Assert.Equal("", Refusal(bed, outer.View, bed.Order("/bin/true")));
        bed.Apply(("p.toml", GuardBed.Writing));
        Assert.Contains("lets nothing be started from inside", Refusal(bed, outer.View, bed.Order("/bin/true")), StringComparison.Ordinal);
    }

    [Fact]
    public void Sandboxes_that_start_sandboxes_come_to_an_end()
    {
        using GuardBed bed = new(("p.toml", Launching));
        using Run outer = new(bed);
        List<IDisposable> open = [];
        string view = outer.View;
        try
        {
            for (int depth = 1; depth <= Principal.MostRuns; depth++)
            {
                Run next = new(bed, view);
                open.Add(next);
                view = next.View; // Each starts the next.
            }

            Assert.Contains("which is the most", Refusal(bed, view, bed.Order("/bin/true")), StringComparison.Ordinal);
            Assert.Contains("which is the most", Refusal(bed, outer.View, bed.Order("/bin/true")), StringComparison.Ordinal);
            using Run other = new(bed); // Nobody else pays for it.
            Assert.Equal("", Refusal(bed, other.View, bed.Order("/bin/true")));
            open[^1].Dispose();
            GuardBed.Until(() => Refusal(bed, outer.View, bed.Order("/bin/true")).Length == 0, "a place");
        }
        finally
        {
            open.ForEach(static run => run.Dispose());
        }
    }

    [Fact]
    public void Clients_that_say_nothing_take_only_the_places_of_their_own_view()
    {
        using GuardBed bed = new(("p.toml", Launching));
        using Run outer = new(bed);
        SeqPacketSocket[] silent = [.. Enumerable.Range(0, Principal.MostClients).Select(_ => bed.Connect(outer.View))];
        using (SeqPacketSocket further = bed.Connect(outer.View))
        {
            Assert.Contains("too many clients", GuardBed.Reply(further).Error, StringComparison.Ordinal);
        }

        using Run other = new(bed);
        Array.ForEach(silent, static client => client.Dispose());
    }

    [Fact]
    public void When_a_sandbox_ends_its_socket_is_gone_and_what_was_started_there_too()
    {
        using GuardBed bed = new(("p.toml", Launching));
        Run outer = new(bed);
        using Shell shell = new();
        using SeqPacketSocket client = bed.AskAt(outer.View, bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Equal("here", shell.Ask("echo here"));
        using SeqPacketSocket silent = bed.Connect(outer.View);
        outer.Dispose();
        Assert.Equal("", shell.Rest());
        GuardBed.Until(() => bed.Runs == RunTable.Head, "an empty list");
        Assert.Equal(0, silent.Receive(new byte[100]));
        GuardBed.Until(() => bed.Views.Length == 0, "the views to be closed");
    }

    [Fact]
    public void A_new_fs_has_the_sockets_of_views_again()
    {
        using GuardBed bed = new(("p.toml", Launching));
        using Run outer = new(bed);
        bed.ReplaceFs();
        GuardBed.Until(() => bed.Views.Length == 2, "the view to be opened again");
        GuardBed.Until(() => Refusal(bed, outer.View, bed.Order("/bin/true")).Length == 0, "a start from the view");
    }

    [Fact]
    public void A_registered_sandbox_has_a_socket_in_its_view_as_long_as_it_is_registered()
    {
        using GuardBed bed = new(("p.toml", Launching), ("other.toml", Launching));
        string id = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
        Directory.CreateDirectory(Path.Combine(bed.ViewOf(id), "run"));
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.CreatePair();
        using (own)
        {
            Assert.Contains("the workspace", Register($$$"""{"register":{"policy":"p","pid":1,"view":"{{{id}}}"}}""").Error, StringComparison.Ordinal);
            Assert.Contains("the workspace", Register($$$"""{"register":{"policy":"p","pid":1,"view":"../x","workspace":"/tmp"}}""").Error, StringComparison.Ordinal);
            Assert.NotNull(Register($$$"""{"register":{"policy":"p","pid":1,"view":"{{{id}}}","workspace":"{{{bed.Workspace}}}"}}""").Run);
            Assert.Contains("already", Register($$$"""{"register":{"policy":"p","pid":1,"view":"{{{id}}}","workspace":"/"}}""").Error, StringComparison.Ordinal);
            Assert.Equal("", Refusal(bed, id, bed.Order("/bin/true")));
            Assert.Contains("is not p", Refusal(bed, id, bed.Order("/bin/true") with { Policy = "other" }), StringComparison.Ordinal);
        }

        theirs.Dispose();
        GuardBed.Until(() => !bed.CanConnect(id), "the socket to be closed");

        LaunchReply Register(string message)
        {
            using SeqPacketSocket client = bed.Connect();
            Assert.True(client.SendAll(System.Text.Encoding.UTF8.GetBytes(message), [theirs.Descriptor]));
            return GuardBed.Reply(client);
        }
    }

    /// <summary>Why it is not started; nothing if it is, and has ended.</summary>
    private static string Refusal(GuardBed bed, string view, LaunchOrder order)
    {
        using Shell shell = new();
        using SeqPacketSocket client = bed.AskAt(view, order with { Policy = order.Policy == "p" ? null : order.Policy }, shell.Streams);
        LaunchReply reply = GuardBed.Reply(client);
        return reply.Error ?? GuardBed.Reply(client).Error ?? "";
    }

    /// <summary>A sandbox with a shell, and its view.</summary>
    private sealed class Run : IDisposable
    {
        private readonly Shell shell = new();
        private readonly SeqPacketSocket client;

        internal Run(GuardBed bed, string? view = null)
        {
            string[] before = [.. bed.Views.Select(static view => view.Id)];
            client = bed.AskAt(view, bed.Order("/bin/sh"), shell.Streams);
            shell.HandOver();
            LaunchReply reply = GuardBed.Reply(client);
            Assert.True(reply.Run is not null, reply.Error);
            View = bed.Views.Single(opened => !before.Contains(opened.Id)).Id;
        }

        internal string View { get; }

        public void Dispose()
        {
            client.Dispose();
            shell.Dispose();
        }
    }
}

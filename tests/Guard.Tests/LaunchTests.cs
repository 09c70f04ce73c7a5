using System.Text;
using ClawFS.Linux;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;

namespace Guard.Tests;

public sealed class LaunchTests
{
    [Fact]
    public void A_command_runs_with_the_streams_that_came_along_and_its_end_is_told()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        string run = GuardBed.Reply(client).Run!;
        Assert.Equal(bed.Workspace, shell.Ask("pwd"));
        Assert.Equal("no", shell.Can("cat /etc/shadow"));
        GuardBed.Until(() => bed.Runs.Contains($"\n{run}\tp\t", StringComparison.Ordinal), "the sandbox in the list");
        shell.Ask("echo bye; exit 7");
        LaunchReply end = GuardBed.Reply(client);
        Assert.Equal(("exited", 7), (end.Reason, end.Code));
        GuardBed.Until(() => bed.Runs == RunTable.Head, "an empty list");
    }

    [Fact]
    public void A_client_that_goes_away_ends_its_command()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using Shell shell = new();
        using (SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams))
        {
            shell.HandOver();
            Assert.NotNull(GuardBed.Reply(client).Run);
            Assert.Equal("here", shell.Ask("echo here"));
        }

        GuardBed.Until(() => bed.Runs == RunTable.Head, "an empty list");
        Assert.Equal("", shell.Rest());
    }

    [Theory]
    [InlineData("q", "there is no policy 'q'")]
    [InlineData("broken", "refused: broken.toml:1:1")]
    public void What_cannot_be_started_is_refused_with_the_reason(string policy, string reason)
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing), ("broken.toml", "nonsense = 1"));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/true") with { Policy = policy }, shell.Streams);
        Assert.Contains(reason, GuardBed.Reply(client).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_the_policy_does_not_let_execute_is_refused()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using Shell shell = new();
        File.WriteAllText(Path.Combine(bed.Workspace, "x"), "#!/bin/sh\n");
        using SeqPacketSocket client = bed.Ask(bed.Order(Path.Combine(bed.Workspace, "x")), shell.Streams);
        Assert.NotNull(GuardBed.Reply(client).Error);
    }

    [Fact]
    public void Descriptors_too_few_or_too_many_are_refused()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using Shell shell = new();
        foreach (int count in (int[])[0, 1, 2, 5, 8])
        {
            using SeqPacketSocket client = bed.Ask(bed.Order("/bin/true"), [.. Enumerable.Repeat(shell.Streams[1], count)]);
            Assert.Contains("three descriptors", GuardBed.Reply(client).Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Garbage_silence_and_floods_leave_the_socket_as_it_was()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        int seed = Environment.TickCount;
        Random random = new(seed);
        int descriptors = Directory.GetFiles("/proc/self/fd").Length;
        using Shell streams = new();
        for (int round = 0; round < 60; round++)
        {
            using SeqPacketSocket client = bed.Connect();
            byte[] bytes = new byte[1 + random.Next(round % 10 == 0 ? MessageChannel.MaxMessage - 1 : 300)];
            random.NextBytes(bytes);
            byte[] message = (round % 5) switch
            {
                0 => bytes,
                1 => "{"u8.ToArray(),
                2 => "{\"launch\":{\"command\":[\"/bin/true\"],\"surprise\":1}}"u8.ToArray(),
                3 => "null"u8.ToArray(),
                _ => [],
            };
            if (message.Length > 0)
            {
                _ = client.SendAll(message, round % 2 == 0 ? [streams.Streams[1], streams.Streams[1]] : []);
                Assert.True(GuardBed.Reply(client).Error is not null, $"seed {seed}, round {round}");
            }
        }

        using Shell shell = new();
        using SeqPacketSocket good = bed.Ask(bed.Order("/bin/sh", "-c", "exit 3"), shell.Streams);
        Assert.NotNull(GuardBed.Reply(good).Run);
        Assert.Equal(3, GuardBed.Reply(good).Code);
        GuardBed.Until(() => Directory.GetFiles("/proc/self/fd").Length < descriptors + 30, "the descriptors of those clients to be closed");
    }

    [Theory]
    [InlineData("{\"launch\":{\"NAME\":1}}")]
    [InlineData("{\"launch\":{\"command\":[\"NAME\"],\"policy\":\"p\",\"folder\":\"/\"}}")]
    [InlineData("{\"NAME\":{}}")]
    public void A_request_whose_refusal_would_not_fit_into_a_message_is_refused_in_few_words(string request)
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        byte[] message = Encoding.UTF8.GetBytes(request.Replace("NAME", string.Concat(Enumerable.Repeat("\\u0001", 9000)), StringComparison.Ordinal));
        using (Shell streams = new())
        using (SeqPacketSocket client = bed.Connect())
        {
            _ = client.SendAll(message, streams.Streams);
            Assert.InRange(GuardBed.Reply(client).Error!.Length, 1, 2100);
        }

        using Shell shell = new();
        using SeqPacketSocket good = bed.Ask(bed.Order("/bin/sh", "-c", "exit 3"), shell.Streams);
        Assert.NotNull(GuardBed.Reply(good).Run);
    }

    [Fact]
    public void A_request_at_the_socket_of_a_view_can_only_narrow()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing), ("child.toml", "extends = \"p\"\n[limits]\nprocesses = 20\n"), ("other.toml", GuardBed.Writing));
        LivePolicies policies = new(new PolicyFiles(1, PolicyMode.Enforce, [("p.toml", GuardBed.Writing), ("child.toml", "extends = \"p\"\n"), ("other.toml", GuardBed.Writing), ("loop.toml", "extends = \"loop\"\n")]));
        Assert.True(policies.IsWithin("p", "p"));
        Assert.True(policies.IsWithin("child", "p"));
        Assert.False(policies.IsWithin("p", "child"));
        Assert.False(policies.IsWithin("other", "p"));
        Assert.False(policies.IsWithin("loop", "p"));
        Assert.False(policies.IsWithin("none", "p"));
    }

    /// <summary>Who asks may be a program in a sandbox: what would stop nothing would let it out.</summary>
    [Fact]
    public void In_audit_what_guard_starts_is_enforced_all_the_same_and_so_is_what_runs()
    {
        using GuardBed bed = new(("p.toml", "launch = true\n" + GuardBed.Writing));
        using StartedRun before = new(bed);
        bed.Mode = PolicyMode.Audit;
        string told = bed.Apply(("p.toml", "launch = true\n" + GuardBed.Writing));
        Assert.Contains(", audit: claw run stops nothing; what guard starts is enforced", told, StringComparison.Ordinal);
        using StartedRun owners = new(bed), views = new(bed, before.View);
        foreach (StartedRun run in (StartedRun[])[before, owners, views])
        {
            Assert.Equal("no", run.Shell.Can("cat /etc/passwd"));
            Assert.Equal("yes", run.Shell.Can($"echo x > {bed.Workspace}/g"));
        }

        _ = bed.Apply(("p.toml", "launch = true\n" + GuardBed.Programs + "\nwrite = [\"/dev/null\"]\n"));
        foreach (StartedRun run in (StartedRun[])[before, owners, views])
        {
            Assert.Equal("no", run.Shell.Can($"echo x > {bed.Workspace}/g"));
        }
    }

    [Fact]
    public async Task Clients_at_the_same_time_never_mix()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        await Task.WhenAll(Enumerable.Range(1, 8).Select(number => Task.Run(() =>
        {
            using Shell shell = new();
            using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
            shell.HandOver();
            Assert.NotNull(GuardBed.Reply(client).Run);
            for (int round = 0; round < 5; round++)
            {
                Assert.Equal($"{number} {round}", shell.Ask($"echo {number} {round}"));
            }

            shell.Ask($"echo; exit {number}");
            Assert.Equal(number, GuardBed.Reply(client).Code);
        })));
    }
}

using ClawFS.Linux;
using ClawOS.Security.Cgroups;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using Sandbox.Tests;

namespace Guard.Tests;

public sealed class LiveChangeTests
{
    private const string Limited = GuardBed.Writing + "[limits]\nmemory = \"{0}MiB\"\n";

    [Fact]
    public void A_workspace_becomes_read_only_covered_and_writable_again_while_its_command_runs()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        File.WriteAllText(Path.Combine(bed.Workspace, "f"), "text");
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh") with { Folder = null }, shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        string write = $"echo x > {bed.Workspace}/g", read = $"cat {bed.Workspace}/f > /dev/null";
        Assert.Equal(("yes", "yes"), (shell.Can(write), shell.Can(read)));

        Assert.Contains($"{bed.Workspace}: restricted: ReadOnly", bed.Apply(("p.toml", GuardBed.Programs + "\nwrite = [\"/dev/null\"]\n")), StringComparison.Ordinal);
        Assert.Equal(("no", "yes"), (shell.Can(write), shell.Can(read)));

        Assert.Contains($"{bed.Workspace}: covered", bed.Apply(("p.toml", Without(GuardBed.Writing))), StringComparison.Ordinal);
        Assert.Equal(("no", "no"), (shell.Can(write), shell.Can(read)));

        Assert.Contains($"{bed.Workspace}: uncovered", bed.Apply(("p.toml", GuardBed.Writing)), StringComparison.Ordinal);
        Assert.Equal(("yes", "yes"), (shell.Can(write), shell.Can(read)));
    }

    [Fact]
    public void What_is_wider_than_the_launch_is_said_to_wait_for_the_next_one()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        string told = bed.Apply(("p.toml", GuardBed.Writing.Replace("\"/etc/ld.so.cache\"", "\"/etc/ld.so.cache\", \"/etc/passwd\"", StringComparison.Ordinal) + "[syscalls]\nprofile = \"default\"\n"));
        Assert.Contains("/etc/passwd", told, StringComparison.Ordinal);
        Assert.Contains("next launch", told, StringComparison.Ordinal);
        Assert.Contains("syscalls", told, StringComparison.Ordinal);
        Assert.Equal("no", shell.Can("cat /etc/passwd"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("on_revoke = \"kill\"\n", "")]
    [InlineData("", "on_revoke = \"kill\"\n")]
    public void What_a_running_sandbox_would_keep_ends_it_where_a_policy_says_so(string before, string after)
    {
        using GuardBed bed = new(("p.toml", before + GuardBed.Writing));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Equal("on", shell.Ask("echo on"));

        // What is given later ends nothing, and neither does what can be taken at once.
        Assert.DoesNotContain("ended:", bed.Apply(("p.toml", before + GuardBed.Programs + "\nwrite = [\"/dev/null\"]\n[syscalls]\nallow = [\"ptrace\"]\n")), StringComparison.Ordinal);
        Assert.Equal("on", shell.Ask("echo on"));
        string told = bed.Apply(("p.toml", after + GuardBed.Writing + "[syscalls]\nask = [\"mount\"]\n"));
        Assert.Contains("syscalls: the filter of a running command stays", told, StringComparison.Ordinal);
        bool kills = before.Length + after.Length > 0;
        Assert.Equal(kills, told.Contains("ended: its policy was narrowed in a way that only the next launch can hold (on_revoke): syscalls", StringComparison.Ordinal));
        if (kills)
        {
            LaunchReply end = GuardBed.Reply(client);
            Assert.Equal(("killed", 9), (end.Reason, end.Code));
            Assert.StartsWith("ended: its policy was narrowed in a way that only the next launch can hold (on_revoke): syscalls", end.Error, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("on", shell.Ask("echo on"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_policy_that_is_gone_or_broken_stays_in_force_for_who_runs_under_it(bool isBroken)
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Contains("keeps the policy that it has", isBroken ? bed.Apply(("p.toml", "nonsense")) : bed.Apply(), StringComparison.Ordinal);
        Assert.Equal("yes", shell.Can($"echo x > {bed.Workspace}/g"));
        using Shell other = new();
        using SeqPacketSocket late = bed.Ask(bed.Order("/bin/sh"), other.Streams);
        Assert.NotNull(GuardBed.Reply(late).Error);
    }

    [Fact]
    public void A_lower_memory_limit_is_in_the_control_group_while_its_command_runs()
    {
        CgroupHost host = CgroupHost.Detect();
        if (!host[CgroupAbility.Memory].IsAvailable)
        {
            Assert.Skip($"memory cannot be limited here: {host[CgroupAbility.Memory]}");
        }

        using GuardBed bed = new(("p.toml", Of(512)));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        Assert.NotNull(GuardBed.Reply(client).Run);
        Assert.Contains(512L << 20, MemoryLimits());
        Assert.Contains("limits: memory 96 MiB", bed.Apply(("p.toml", Of(96))), StringComparison.Ordinal);
        Assert.Contains(96L << 20, MemoryLimits());
        Assert.Equal("on", shell.Ask("echo on"));

        static string Of(int megabytes) => Limited.Replace("{0}", $"{megabytes}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_fs_gets_a_new_socket_and_the_sandboxes_go_on()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        using Shell shell = new();
        using SeqPacketSocket client = bed.Ask(bed.Order("/bin/sh"), shell.Streams);
        shell.HandOver();
        string run = GuardBed.Reply(client).Run!;
        bed.ReplaceFs();
        Assert.Contains($"{run} p: {bed.Workspace}: restricted", bed.Apply(("p.toml", GuardBed.Programs + "\nwrite = [\"/dev/null\"]\n")), StringComparison.Ordinal);
        using Shell other = new();
        using SeqPacketSocket second = bed.Ask(bed.Order("/bin/sh", "-c", "exit 4"), other.Streams);
        Assert.NotNull(GuardBed.Reply(second).Run);
        Assert.Equal(4, GuardBed.Reply(second).Code);
        Assert.Equal("on", shell.Ask("echo on"));
    }

    [Fact]
    public void A_registered_sandbox_outlives_guard_and_follows_the_next_one()
    {
        using GuardBed bed = new(("p.toml", GuardBed.Writing));
        EffectivePolicy policy = new LivePolicies(new(1, ClawOS.Security.GuardLink.PolicyMode.Enforce, [("p.toml", GuardBed.Writing)])).Compile("p", bed.Workspace).Policy!;
        using Shell shell = new();
        using SandboxGroup group = SandboxGroup.Make(policy.Limits);
        SandboxPlan plan = SandboxPlan.From(policy, new SandboxRequest { Command = ["/bin/sh"], Folder = bed.Workspace, Group = group });
        using SandboxRun run = SandboxRun.Start([ClawExec.Path], plan, new SandboxStreams(shell.Streams[0], shell.Streams[1], null));
        shell.HandOver();
        using RunRegistration registration = RunRegistration.Start(bed.Mount, "p", run.LauncherId, new LiveSandbox("p", bed.Workspace, policy, run, group, ClawExec.Path));
        GuardBed.Until(() => bed.Runs.Contains($"\tp\t{run.LauncherId}\trun\t", StringComparison.Ordinal), "the sandbox in the list");
        string write = $"echo x > {bed.Workspace}/g";
        Assert.Equal("yes", shell.Can(write));
        Assert.Contains("restricted: ReadOnly", bed.Apply(("p.toml", GuardBed.Programs + "\nwrite = [\"/dev/null\"]\n")), StringComparison.Ordinal);
        Assert.Equal("no", shell.Can(write));

        bed.Replace();
        GuardBed.Until(() => bed.Runs.Contains($"\tp\t{run.LauncherId}\trun\t", StringComparison.Ordinal), "the sandbox in the next guard's list");
        Assert.Equal("no", shell.Can(write));
        Assert.Contains("as launched", bed.Apply(("p.toml", GuardBed.Writing)), StringComparison.Ordinal);
        Assert.Equal("yes", shell.Can(write));
        registration.Dispose();
        GuardBed.Until(() => bed.Runs == RunTable.Head, "an empty list");
    }

    /// <summary>The policy without the workspace.</summary>
    private static string Without(string policy) => policy.Replace(", \"$WORKSPACE/**\"", "", StringComparison.Ordinal);

    private static IReadOnlyList<long> MemoryLimits() =>
        [.. Directory.EnumerateDirectories("/sys/fs/cgroup", $"run-{Environment.ProcessId}-*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
            .SelectMany(static group => (string[])[Path.Combine(group, "memory.max"), Path.Combine(group, "memory.limit_in_bytes")])
            .Where(File.Exists)
            .Select(static file => long.TryParse(File.ReadAllText(file), out long bytes) ? bytes : -1)];
}

using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Cgroups;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>A command in the control group that enforces the limits of its policy.</summary>
public sealed class CgroupTests
{
    [Fact]
    public void A_command_enters_the_group_of_its_limits_and_sees_it_as_the_root()
    {
        using SandboxGroup made = Group();
        using Box box = new() { Limits = Limits, Group = made };
        SandboxPlan plan = box.Plan("cat", "/proc/self/cgroup");
        Assert.DoesNotContain(plan.Missing, line => line.StartsWith("limits", StringComparison.Ordinal));
        Assert.Matches(@":memory:/\n|^0::/\n", box.Run(plan).Must() + "\n");
    }

    [Fact]
    public void A_command_that_takes_too_much_memory_is_told_from_one_that_was_killed()
    {
        using SandboxGroup made = Group();
        using Box box = new() { Limits = Limits, Group = made, Watch = new SandboxWatch { OomKills = () => made.OomKills } };
        SandboxResult result = box.Run("/usr/bin/python3", "-IS", "-c", "x = bytearray(200 << 20)").Result;
        Assert.Equal((SandboxEnd.OutOfMemory, 137), (result.Reason, result.ShellCode));
        result = box.Run("sh", "-c", "kill -KILL $$").Result;
        Assert.Equal((SandboxEnd.Signalled, 0), (result.Reason, result.OomKills));
        result = box.Run("sh", "-c", "/usr/bin/python3 -IS -c 'x = bytearray(200 << 20)'; exit 3").Result;
        Assert.Equal((SandboxEnd.Exited, 3, 1), (result.Reason, result.ExitCode, result.OomKills));
    }

    [Fact]
    public void Processes_of_root_are_counted_by_the_group()
    {
        using SandboxGroup made = Group();
        using Box box = new() { Limits = Limits, Group = made };
        Assert.Equal("EAGAIN", Attempt.In(box, "for i in range(100):\n    if os.fork() == 0:\n        time.sleep(60)"));
    }

    /// <summary>The file to enter is another group's: where the command is says whether it was made in its group or entered one.</summary>
    [Fact]
    public void A_command_is_made_in_its_group_of_version_2()
    {
        (Cgroup made, Cgroup entered) = TwoGroups();
        using (made)
        using (entered)
        {
            using FileDescriptor folder = made.OpenFolder()!;
            Assert.Equal(made.Name, GroupOfCommand(entered, folder));
        }
    }

    [Fact]
    public void Where_it_cannot_be_made_there_it_enters()
    {
        (Cgroup other, Cgroup entered) = TwoGroups();
        using (other)
        using (entered)
        {
            using FileDescriptor folder = ControlFolder.Open("/usr");
            Assert.Equal(entered.Name, GroupOfCommand(entered, folder));
        }
    }

    private static (Cgroup First, Cgroup Second) TwoGroups()
    {
        CgroupHost host = CgroupHost.Detect();
        if (!host.Abilities.Any(state => state.IsAvailable))
            Assert.Skip($"needs control groups: {host.Abilities[0]}");
        Cgroup first = host.Create($"test-{Environment.ProcessId}-{Guid.NewGuid():N}", Quota.None);
        using FileDescriptor? folder = first.OpenFolder();
        if (folder is null)
        {
            first.Dispose();
            Assert.Skip("needs control groups of version 2, which may have no controller");
        }

        return (first, host.Create($"test-{Environment.ProcessId}-{Guid.NewGuid():N}", Quota.None));
    }

    /// <summary>The last part of the path of the group of version 2 in which a command is.</summary>
    private static string GroupOfCommand(Cgroup entered, SafeHandle folder)
    {
        using Box box = new();
        IReadOnlyList<FileDescriptor> procs = entered.OpenProcs();
        try
        {
            SandboxPlan plan = box.Plan("cat");
            using Pipe input = Pipe.Create();
            using Pipe output = Pipe.Create();
            using SandboxRun run = SandboxRun.Start([ClawExec.Path], plan with { Cgroups = procs, CgroupFolder = folder }, new SandboxStreams(input.Reader, output.Writer, null));
            output.Writer.Dispose();
            input.Reader.Dispose();
            Pipe.Write(input.Writer, "here\n"u8);
            byte[] answer = new byte[5];
            Assert.Equal(5, Pipe.ReadToEnd(output.Reader, answer)); // It runs.
            string first = File.ReadAllText($"/proc/{run.LauncherId}/task/{run.LauncherId}/children").Split(' ')[0];
            string group = File.ReadAllLines($"/proc/{first}/cgroup").Single(line => line.StartsWith("0::", StringComparison.Ordinal));
            input.Writer.Dispose();
            Assert.Equal(0, run.WaitForEnd().ExitCode);
            return group[(group.LastIndexOf('/') + 1)..];
        }
        finally
        {
            foreach (FileDescriptor door in procs)
                door.Dispose();
        }
    }

    private static Limits Limits => new(MemoryBytes: 48 << 20, Processes: 20);

    private static SandboxGroup Group()
    {
        CgroupHost host = CgroupHost.Detect();
        foreach (CgroupAbility ability in (CgroupAbility[])[CgroupAbility.Memory, CgroupAbility.Processes])
        {
            if (!host[ability].IsAvailable)
                Assert.Skip($"needs control groups: {host[ability]}");
        }

        return SandboxGroup.Make(Limits);
    }
}

using ClawFS.Linux;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>What the launcher does for a command that it lets run, and how it tells the end.</summary>
public sealed class LaunchTests
{
    [Fact]
    public void A_command_runs_and_its_exit_code_is_told()
    {
        using Box box = new();
        SandboxResult result = box.Run("sh", "-c", "exit 7").Result;
        Assert.Equal((SandboxEnd.Exited, 7, 7), (result.Reason, result.ExitCode, result.ShellCode));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("tool-default")]
    public void A_command_runs_under_each_shipped_profile_of_system_calls(string profile)
    {
        using Box box = new() { SyscallProfile = profile };
        Assert.Equal("3\n1\n2", box.Run("sh", "-c", "printf '3\\n1\\n' > a && echo 2 >> a && cat a").Must());
    }

    [Theory]
    [InlineData("SEGV", 11)]
    [InlineData("TERM", 15)]
    [InlineData("KILL", 9)]
    public void A_signal_that_ends_the_command_is_told(string name, int number)
    {
        using Box box = new();
        SandboxResult result = box.Run("sh", "-c", $"kill -{name} $$").Result;
        Assert.Equal((SandboxEnd.Signalled, number, 128 + number), (result.Reason, result.Signal, result.ShellCode));
    }

    [Fact]
    public void A_command_that_takes_too_long_is_ended_and_it_is_told()
    {
        using Box box = new() { Limits = new(WallTime: TimeSpan.FromMilliseconds(200)) };
        string marker = Marker();
        SandboxResult result = box.Run("sh", "-c", $"sleep {marker} & sleep {marker}").Result;
        Assert.Equal((SandboxEnd.TimedOut, 124), (result.Reason, result.ShellCode));
        Assert.Equal(0, Processes.WithArgument(marker));
    }

    [Fact]
    public void What_the_command_leaves_behind_ends_with_it()
    {
        using Box box = new();
        string marker = Marker();
        box.Run("sh", "-c", $"(setsid sleep {marker} >/dev/null 2>&1 &) ; exit 0").Must();
        Assert.Equal(0, Processes.WithArgument(marker));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(2)]
    public void A_killed_launcher_leaves_nothing_running(int signal)
    {
        using Box box = new();
        string marker = Marker();
        using SandboxRun run = box.Start(box.Plan("sh", "-c", $"trap '' TERM INT; (trap '' TERM INT; setsid sleep {marker}) & sleep {marker}"));
        Processes.WaitFor(marker, count => count == 2);
        run.Signal(signal);
        Assert.Equal(SandboxEnd.Killed, run.WaitForEnd().Reason);
        Processes.WaitFor(marker, count => count == 0);
    }

    [Fact]
    public void A_sandbox_ends_with_whoever_started_it()
    {
        using Box box = new();
        string marker = Marker();
        SandboxRun run = box.Start(box.Plan("sleep", marker));
        Processes.WaitFor(marker, count => count == 1);
        run.Dispose(); // Closes what the death of the process would close.
        Processes.WaitFor(marker, count => count == 0);
    }

    [Fact]
    public void The_terminals_keys_end_an_interactive_command_only_by_its_own_hand()
    {
        using Box box = new();
        SandboxPlan plan = SandboxPlan.From(box.Policy(), new SandboxRequest { Command = ["sh", "-c", "read line; exit 3"], Folder = box.Workspace, IsInteractive = true });
        using Pipe input = Pipe.Create();
        using Pipe output = Pipe.Create();
        using SandboxRun run = SandboxRun.Start([ClawExec.Path], plan, new SandboxStreams(input.Reader, output.Writer, null));
        // Process 1 has its own name for the sleep of nobody: the launcher ignores the signal once it has read its plan, which a running command proves.
        Processes.WaitForChild(run.LauncherId);
        run.Signal(2);
        Pipe.Write(input.Writer, "go\n"u8);
        Assert.Equal((SandboxEnd.Exited, 3), (run.WaitForEnd().Reason, 3));
    }

    [Fact]
    public void Input_reaches_the_command_and_both_outputs_come_back()
    {
        using Box box = new();
        using Pipe input = Pipe.Create();
        Pipe.Write(input.Writer, "from outside\n"u8);
        input.Writer.Dispose();
        Assert.Equal("from outside\nerror", box.Run(box.Plan("sh", "-c", "cat; echo error >&2"), input.Reader).Must());
    }

    [Fact]
    public void Every_namespace_is_its_own()
    {
        using Box box = new();
        foreach (string name in (string[])["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"])
        {
            Assert.NotEqual(new FileInfo($"/proc/self/ns/{name}").LinkTarget, box.Run("readlink", $"/proc/self/ns/{name}").Must());
        }
    }

    [Fact]
    public void The_command_has_no_capability_no_way_to_one_and_plain_signals()
    {
        using Box box = new();
        string status = box.Run("cat", "/proc/self/status").Must();
        foreach (string line in (string[])["CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000",
            "NoNewPrivs:\t1", "Seccomp:\t2", "SigIgn:\t0000000000000000", "SigBlk:\t0000000000000000"])
        {
            Assert.Contains(line, status, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_command_is_a_child_of_a_process_1_that_takes_orphans()
    {
        using Box box = new();
        Assert.Equal("2 1", box.Run("sh", "-c", "echo $$ $PPID").Must());
        Assert.DoesNotContain("Z", box.Run("sh", "-c", "(true & exec true); (exec sleep 0 &) ; sleep 0.2; cut -d' ' -f3 /proc/[0-9]*/stat").Must(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_is_the_plans_and_nothing_else()
    {
        using Box box = new();
        Assert.Equal(["HOME=/tmp", "LANG=C.UTF-8", "PATH=/usr/bin:/bin"], box.Run("env").Must().Split('\n').Order());
    }

    [Fact]
    public void The_host_name_is_the_plans_and_the_loopback_device_is_the_only_one()
    {
        using Box box = new();
        Assert.Equal("claw", box.Run("uname", "-n").Must());
        Assert.Equal(["lo"], box.Run("sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1").Must().Split('\n').Select(name => name.Trim()));
    }

    [Fact]
    public void Limits_are_set()
    {
        using Box box = new() { Limits = new(Processes: 33, DiskBytes: 1 << 20) };
        Assert.Equal("0 1024 33 2048", box.Run("sh", "-c", "echo $(ulimit -c) $(ulimit -n) $(ulimit -p 2>/dev/null || ulimit -u) $(ulimit -f)").Must());
    }

    private static string Marker() => $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";
}

using System.Globalization;
using ClawFS.Linux;

namespace Supervisor.Tests.Processes;

public sealed class ChildProcessTests
{
    [Fact]
    public void The_exit_code_is_told() => Assert.Equal(new ExitStatus(7, 0), Shell("exit 7").WaitForExit());

    [Fact]
    public void A_killed_child_tells_the_signal()
    {
        ChildProcess child = Shell("exec sleep 60");
        child.Signal(9);
        Assert.Equal(new ExitStatus(137, 9), child.WaitForExit());
    }

    [Fact]
    public void A_signal_to_a_child_that_has_ended_reaches_nobody()
    {
        ChildProcess child = Shell("exit 0");
        child.WaitForExit();
        child.Signal(9); // Its number may be another's by now: nothing must be sent.
        Assert.True(child.Exited.IsCompletedSuccessfully);
    }

    [Fact]
    public void Output_goes_where_the_plan_says()
    {
        using Pipe pipe = Pipe.Create();
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/sh", Arguments = ["-c", "echo out; echo err >&2"], Output = pipe.Writer });
        pipe.Writer.Dispose();
        Assert.Equal("out\nerr\n", pipe.ReadToEnd(64));
        Assert.Equal(0, child.WaitForExit().Code);
    }

    [Fact]
    public void A_log_file_is_appended_to_and_private()
    {
        string path = Path.Combine(Path.GetTempPath(), $"claw-log-{Guid.NewGuid():N}");
        try
        {
            for (int i = 0; i < 2; i++)
            {
                ChildProcess.Start(new SpawnPlan { Program = "/bin/echo", Arguments = ["line"], OutputFile = path }).WaitForExit();
            }

            Assert.Equal("line\nline\n", File.ReadAllText(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Input_and_both_outputs_can_be_three_places()
    {
        using Pipe input = Pipe.Create();
        using Pipe output = Pipe.Create();
        using Pipe error = Pipe.Create();
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/sh", Arguments = ["-c", "cat; echo err >&2"], Input = input.Reader, Output = output.Writer, Error = error.Writer });
        Pipe.Write(input.Writer, "in\n"u8);
        input.Writer.Dispose();
        output.Writer.Dispose();
        error.Writer.Dispose();
        Assert.Equal(("in\n", "err\n"), (output.ReadToEnd(64), error.ReadToEnd(64)));
        Assert.Equal(0, child.WaitForExit().Code);
    }

    [Fact]
    public void Descriptors_get_their_numbers_whatever_they_were_here()
    {
        using Pipe output = Pipe.Create();
        using Pipe first = Pipe.Create();
        using Pipe second = Pipe.Create();
        SpawnPlan plan = new() { Program = "/bin/sh", Arguments = ["-c", "echo three >&3; echo four >&4"], Output = output.Writer };
        plan.Descriptors.Add((second.Writer, 4)); // Listed against their order, and each on numbers that the other may have.
        plan.Descriptors.Add((first.Writer, 3));
        ChildProcess child = ChildProcess.Start(plan);
        first.Writer.Dispose();
        second.Writer.Dispose();
        Assert.Equal("three\n", first.ReadToEnd(64));
        Assert.Equal("four\n", second.ReadToEnd(64));
        child.WaitForExit();
    }

    [Fact]
    public void Nothing_else_is_inherited()
    {
        using Pipe output = Pipe.Create();
        using Pipe secret = Pipe.Create();
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/ls", Arguments = ["/proc/self/fd"], Output = output.Writer });
        output.Writer.Dispose();
        string[] open = output.ReadToEnd(4096).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        Assert.Equal(["0", "1", "2", "3"], open); // 3 is the folder that ls itself has open.
    }

    [Fact]
    public void The_environment_is_the_plan_and_no_more()
    {
        using Pipe output = Pipe.Create();
        SpawnPlan plan = new() { Program = "/usr/bin/env", Output = output.Writer };
        plan.Environment.Clear();
        plan.Environment["ONLY"] = "this";
        ChildProcess child = ChildProcess.Start(plan);
        output.Writer.Dispose();
        Assert.Equal("ONLY=this\n", output.ReadToEnd(4096));
        child.WaitForExit();
    }

    [Fact]
    public void A_new_session_is_led_by_the_child()
    {
        using Pipe output = Pipe.Create();
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/sh", Arguments = ["-c", "cut -d' ' -f6 /proc/self/stat"], Output = output.Writer, NewSession = true });
        output.Writer.Dispose();
        Assert.Equal(child.Id, int.Parse(output.ReadToEnd(64), CultureInfo.InvariantCulture));
        child.WaitForExit();
    }

    [Fact]
    public void A_missing_program_is_an_error_at_start()
    {
        LinuxException error = Assert.Throws<LinuxException>(() => ChildProcess.Start(new SpawnPlan { Program = "/no/such/program" }));
        Assert.Equal(Errno.ENOENT, error.Error);
    }

    [Fact]
    public void A_gap_in_the_numbers_is_refused()
    {
        using Pipe pipe = Pipe.Create();
        SpawnPlan plan = new() { Program = "/bin/true" };
        plan.Descriptors.Add((pipe.Writer, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChildProcess.Start(plan));
    }

    private static ChildProcess Shell(string line) =>
        ChildProcess.Start(new SpawnPlan { Program = "/bin/sh", Arguments = ["-c", line] });
}

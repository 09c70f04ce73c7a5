using ClawFS.Linux;

namespace Supervisor.Tests.Processes;

public sealed class RunningProcessTests
{
    [Fact]
    public void A_number_without_a_process_is_null()
    {
        Assert.Null(RunningProcess.TryOpen(0));
        Assert.Null(RunningProcess.TryOpen(-5));
        Assert.Null(RunningProcess.TryOpen(int.MaxValue));
    }

    [Fact]
    public void The_wait_ends_with_the_process()
    {
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/sleep", Arguments = ["60"] });
        using RunningProcess process = RunningProcess.TryOpen(child.Id)!;
        Assert.False(process.WaitForExit(TimeSpan.Zero));
        Assert.True(process.Signal(15));
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(5)));
        Assert.Equal(15, child.WaitForExit().Signal);
        Assert.False(process.Signal(15));
    }
}

namespace ClawFS.Linux.Tests;

public sealed class SystemCallFilterTests
{
    [Fact]
    public void Without_sockets_no_thread_makes_one_any_more()
    {
        using ProbeProcess probe = ProbeProcess.Start("no-sockets");
        Assert.Equal(["AccessDenied", "True Seccomp:\t2"], [probe.ReadLine(), probe.ReadLine()]);
    }
}

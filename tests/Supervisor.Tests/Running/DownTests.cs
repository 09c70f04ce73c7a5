using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Mounting;

namespace Supervisor.Tests.Running;

public sealed class DownTests
{
    private const int Sigterm = 15;

    [Fact]
    public async Task Down_unmounts_and_ends_every_process()
    {
        using SupervisedMount mount = new("serve");
        int[] pids = [.. (await mount.StartedAsync()).Status!.Services.Select(service => service.Pid)];
        ControlReply reply = (await mount.AskAsync("down"))!;
        Assert.Null(reply.Error);
        Assert.Equal(0, (await mount.EndedAsync()).Code);
        Assert.False(mount.IsMounted);
        Assert.DoesNotContain(pids, SupervisedMount.IsAlive);
        Assert.Equal(["log"], Directory.GetFileSystemEntries(mount.State).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_mount_in_use_stays_and_says_so()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        using RunningProgram user = Programs.Start(new ProgramOptions { Folder = mount.Mount }, "sleep", "60");
        ControlReply reply = (await mount.AskAsync("down", patienceMs: 100))!;
        Assert.True(reply.Busy);
        Assert.True(mount.IsMounted);
        StatusReport status = await mount.UntilAsync(now => now.Services.All(service => service.State == ServiceState.Running));
        Assert.Equal(ServiceState.Running, status.State);
    }

    [Fact]
    public async Task Force_ends_the_access_of_those_who_use_it()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        using RunningProgram user = Programs.Start(new ProgramOptions { Folder = mount.Mount }, "sleep", "60");
        Assert.Null((await mount.AskAsync("down", force: true, patienceMs: 100))!.Error);
        await mount.EndedAsync();
        Assert.False(mount.IsMounted);
    }

    [Fact]
    public async Task Sigterm_takes_the_mount_down()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        mount.Signal(Sigterm);
        Assert.Equal(0, (await mount.EndedAsync()).Code);
        Assert.False(mount.IsMounted);
    }

    [Fact]
    public async Task A_dropped_leash_takes_the_mount_down()
    {
        using SupervisedMount mount = new("serve", withLeash: true);
        await mount.StartedAsync();
        mount.DropLeash();
        Assert.Equal(0, (await mount.EndedAsync()).Code);
        Assert.False(mount.IsMounted);
    }

    [Fact]
    public async Task An_unmount_by_somebody_else_ends_the_supervisor()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        await mount.UntilAsync(now => now.Services.All(service => service.State == ServiceState.Running));
        while (FuseMount.Unmount(mount.Mount, UnmountMode.WhenIdle) == Errno.EBUSY)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, (await mount.EndedAsync()).Code);
    }

    [Fact]
    public async Task Two_who_ask_for_down_are_both_answered()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        ControlReply?[] replies = await Task.WhenAll(mount.AskAsync("down"), mount.AskAsync("down"));
        await mount.EndedAsync();
        Assert.All(replies, reply => Assert.Null(reply?.Error));
    }
}

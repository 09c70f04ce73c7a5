using ClawFS.Linux;
using ClawFS.Supervisor;

namespace Supervisor.Tests.Running;

public sealed class CrashTests
{
    [Fact]
    public async Task A_killed_fs_is_started_again_on_a_new_mount()
    {
        using SupervisedMount mount = new("serve");
        int before = (await mount.StartedAsync()).Status!.Services[1].Pid;
        SupervisedMount.Kill(before);
        StatusReport status = await mount.UntilAsync(now => now.State == ServiceState.Running && now.Services[1].Restarts == 1);
        Assert.NotEqual(before, status.Services[1].Pid);
        Assert.Empty(Directory.GetFileSystemEntries(mount.Mount));
        Assert.Null((await mount.AskAsync("down"))!.Error);
    }

    [Fact]
    public async Task A_killed_fs_that_left_its_session_gets_a_successor_on_the_same_mount()
    {
        using SupervisedMount mount = new("handover");
        int before = (await mount.StartedAsync()).Status!.Services[1].Pid;
        string device = MountEntry.FindAt(mount.Mount)!.Device;
        SupervisedMount.Kill(before);
        StatusReport status = await mount.UntilAsync(now => now.State == ServiceState.Running && now.Services[1].Restarts == 1);
        Assert.NotEqual(before, status.Services[1].Pid);
        Assert.Equal(device, MountEntry.FindAt(mount.Mount)!.Device);
        Assert.Empty(Directory.GetFileSystemEntries(mount.Mount));
        Assert.Null((await mount.AskAsync("down"))!.Error);
        Assert.False(mount.IsMounted);
    }

    [Fact]
    public async Task A_killed_notify_is_started_again()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        ServiceStatus before = await mount.ServiceAsync("notify");
        SupervisedMount.Kill(before.Pid);
        StatusReport status = await mount.UntilAsync(now => now.Services[2] is { State: ServiceState.Running, Restarts: 1 });
        Assert.NotEqual(before.Pid, status.Services[2].Pid);
        Assert.Equal(ServiceState.Running, status.State);
    }

    [Fact]
    public async Task An_fs_that_keeps_dying_is_given_up_and_down_still_works()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        for (int i = 0; i < 6; i++)
        {
            StatusReport up = await mount.UntilAsync(now => now.State == ServiceState.Running && now.Services[1].Restarts == i);
            SupervisedMount.Kill(up.Services[1].Pid);
        }

        StatusReport failed = await mount.UntilAsync(now => now.State == ServiceState.Failed);
        Assert.Contains("more than 5 times", failed.Message, StringComparison.Ordinal);
        Assert.False(mount.IsMounted);
        Assert.Null((await mount.AskAsync("down"))!.Error);
        Assert.Equal(0, (await mount.EndedAsync()).Code);
    }

    [Fact]
    public async Task A_typed_secret_is_kept_nowhere_so_a_successor_gets_none()
    {
        using SupervisedMount mount = new("handover", keyFile: false);
        int fs = (await mount.StartedAsync()).Status!.Services[1].Pid;
        SupervisedMount.Kill(fs);
        await mount.UntilAsync(now => now.State == ServiceState.Running && now.Services[1].Restarts == 1);
        string[] arguments = File.ReadAllText(Path.Combine(mount.Store, "cmdline")).Split('\0');
        Assert.Equal(SupervisorOptions.NoCredential, arguments[Array.IndexOf(arguments, "--credential") + 1]);
        Assert.Equal("", File.ReadAllText(Path.Combine(mount.Store, "secret")));
    }

    [Fact]
    public async Task A_key_file_that_is_away_ends_nothing()
    {
        using SupervisedMount mount = new("handover");
        int fs = (await mount.StartedAsync()).Status!.Services[1].Pid;
        mount.RemoveKeyFile();
        SupervisedMount.Kill(fs);
        await mount.UntilAsync(now => now.State == ServiceState.Running && now.Services[1].Restarts == 1);
        Assert.Equal("", File.ReadAllText(Path.Combine(mount.Store, "secret")));
    }

    [Fact]
    public async Task A_locked_fs_is_shown_as_such_and_its_successor_gets_no_key_file()
    {
        using SupervisedMount mount = new("handover-locked");
        StatusReport status = (await mount.StartedAsync()).Status!;
        Assert.Equal((ServiceState.Locked, ServiceState.Locked), (status.State, status.Services[1].State));
        Assert.Contains("claw unlock", status.Message, StringComparison.Ordinal);
        Assert.Equal(SupervisedMount.Secret, File.ReadAllText(Path.Combine(mount.Store, "secret")));
        SupervisedMount.Kill(status.Services[1].Pid);
        await mount.UntilAsync(now => now.State == ServiceState.Locked && now.Services[1].Restarts == 1);
        Assert.Equal("", File.ReadAllText(Path.Combine(mount.Store, "secret")));
        Assert.Null((await mount.AskAsync("down"))!.Error);
    }

    [Fact]
    public async Task Fs_serves_on_when_the_supervisor_is_killed_and_the_state_file_names_it()
    {
        using SupervisedMount mount = new("serve");
        int fs = (await mount.StartedAsync()).Status!.Services[1].Pid;
        mount.Signal(9);
        await mount.EndedAsync();
        Assert.True(SupervisedMount.IsAlive(fs));
        Assert.Empty(Directory.GetFileSystemEntries(mount.Mount));
        Assert.Contains($"\"pid\":{fs}", File.ReadAllText(StateFolder.MountFile(mount.State)), StringComparison.Ordinal);
    }
}

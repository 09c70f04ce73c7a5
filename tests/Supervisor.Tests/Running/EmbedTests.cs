using ClawFS.Supervisor;

namespace Supervisor.Tests.Running;

public sealed class EmbedTests
{
    [Fact]
    public async Task Embed_workers_run_where_and_while_fs_wants_them()
    {
        using SupervisedMount mount = new("embed");
        Assert.Null((await mount.StartedAsync()).Error);
        // The second place was taken and given back; what cannot be asked for was ignored.
        StatusReport status = await mount.UntilAsync(now => File.Exists(Path.Combine(mount.Store, "embed")) && File.ReadAllText(Path.Combine(mount.Store, "embed")) == "01" && now.Services.Count == 5);
        ServiceStatus embed = status.Services[4];
        Assert.Equal(("embed", ServiceState.Running, 0), (embed.Name, embed.State, embed.Restarts));
        Assert.True(Directory.Exists($"/proc/{embed.Pid}"));
        Assert.Contains($"\"pid\":{embed.Pid}", File.ReadAllText(StateFolder.MountFile(mount.State)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_embed_worker_is_fs_to_ask_for_again()
    {
        using SupervisedMount mount = new("embed");
        await mount.StartedAsync();
        StatusReport status = await mount.UntilAsync(now => now.Services.Count == 5 && now.Services[4].Pid != 0);
        SupervisedMount.Kill(status.Services[4].Pid);
        status = await mount.UntilAsync(now => now.Services[4].Pid == 0);
        Assert.Equal(ServiceState.Restarting, status.Services[4].State);
        Assert.Equal(ServiceState.Running, status.State);
    }

    [Fact]
    public async Task Embed_workers_end_with_the_mount_and_with_fs()
    {
        using SupervisedMount mount = new("embed");
        await mount.StartedAsync();
        int first = (await mount.UntilAsync(now => now.Services.Count == 5 && now.Services[4].Pid != 0)).Services[4].Pid;
        SupervisedMount.Kill((await mount.ServiceAsync("fs")).Pid);
        StatusReport again = await mount.UntilAsync(now => now.State == ServiceState.Running && now.Services[1].Restarts == 1 && now.Services.Count == 5 && now.Services[4].Pid != 0);
        Assert.NotEqual(first, again.Services[4].Pid);
        Assert.False(Directory.Exists($"/proc/{first}"));
        Assert.Null((await mount.AskAsync("down"))!.Error);
        await mount.EndedAsync();
        Assert.False(File.Exists($"/proc/{again.Services[4].Pid}/cmdline") && File.ReadAllText($"/proc/{again.Services[4].Pid}/cmdline").Contains("embed", StringComparison.Ordinal));
    }
}

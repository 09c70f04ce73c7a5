using ClawFS.Linux;
using ClawFS.Supervisor;

namespace Supervisor.Tests.Running;

public sealed class StartTests
{
    [Fact]
    public async Task The_report_ends_with_the_state_once_fs_serves()
    {
        using SupervisedMount mount = new("serve");
        ControlReply started = await mount.StartedAsync();
        Assert.Null(started.Error);
        Assert.Equal(ServiceState.Running, started.Status!.State);
        Assert.Equal(["supervisor", "fs", "notify", "guard"], started.Status.Services.Select(service => service.Name));
        Assert.True(mount.IsMounted);
        Assert.Empty(Directory.GetFileSystemEntries(mount.Mount));
    }

    [Fact]
    public async Task A_refusal_of_fs_reaches_the_starter_with_its_code_and_nothing_is_mounted()
    {
        using SupervisedMount mount = new("refuse");
        ControlReply started = await mount.StartedAsync();
        Assert.Equal(3, started.Code);
        Assert.Equal("wrong key: said the stand-in", started.Error);
        Assert.Equal(3, (await mount.EndedAsync()).Code);
        Assert.False(mount.IsMounted);
        Assert.False(File.Exists(StateFolder.MountFile(mount.State)));
    }

    [Theory]
    [InlineData("crash")]
    [InlineData("babble")]
    public async Task An_fs_that_dies_or_breaks_the_protocol_at_start_is_an_error_with_the_log_s_place(string mode)
    {
        using SupervisedMount mount = new(mode);
        ControlReply started = await mount.StartedAsync();
        Assert.Equal(1, started.Code);
        Assert.Contains(StateFolder.LogFile(mount.State), started.Error, StringComparison.Ordinal);
        Assert.False(mount.IsMounted);
    }

    [Fact]
    public async Task Fs_gets_its_two_descriptors_and_the_secret_stands_nowhere_else()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        Assert.Equal(SupervisedMount.Secret, File.ReadAllText(Path.Combine(mount.Store, "secret")));
        Assert.DoesNotContain(SupervisedMount.Secret, File.ReadAllText(Path.Combine(mount.Store, "environ")), StringComparison.Ordinal);
        Assert.DoesNotContain(SupervisedMount.Secret, File.ReadAllText(Path.Combine(mount.Store, "cmdline")), StringComparison.Ordinal);
        string[] descriptors = File.ReadAllLines(Path.Combine(mount.Store, "descriptors"));
        Assert.Contains(descriptors, line => line.StartsWith("3 socket:", StringComparison.Ordinal));
        Assert.Contains(descriptors, line => line.StartsWith("4 ", StringComparison.Ordinal) && line.EndsWith("/key", StringComparison.Ordinal));
        Assert.DoesNotContain(descriptors, line => line.Contains("/dev/fuse", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_supervisor_holds_the_connection_but_not_the_secret()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        string[] open = [.. Directory.GetFileSystemEntries($"/proc/{mount.Pid}/fd").Select(path => new FileInfo(path).LinkTarget ?? "")];
        Assert.Contains("/dev/fuse", open);
        Assert.DoesNotContain(open, target => target.EndsWith("/key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_control_socket_is_for_its_user_only()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StateFolder.ControlSocket(mount.State)));
    }

    [Fact]
    public async Task The_read_ahead_of_the_mount_is_a_mebibyte()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        string path = $"/sys/class/bdi/{MountEntry.FindAt(mount.Mount)!.Device}/read_ahead_kb";
        if (!File.Exists(path))
        {
            Assert.Skip("needs /sys/class/bdi");
        }

        Assert.Equal("1024", File.ReadAllText(path).Trim());
    }
}

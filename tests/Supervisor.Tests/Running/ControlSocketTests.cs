using System.Net.Sockets;
using System.Text;
using ClawFS.Supervisor;

namespace Supervisor.Tests.Running;

public sealed class ControlSocketTests
{
    [Theory]
    [InlineData("nonsense\n")]
    [InlineData("{\"command\":17}\n")]
    [InlineData("[]\n")]
    [InlineData("\n")]
    [InlineData("null\n")]
    public async Task A_line_that_is_no_request_is_answered_so(string line)
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        Assert.Contains("\"error\":\"not a request\"", await SendAsync(mount, line), StringComparison.Ordinal);
        Assert.True((await mount.AskAsync("ping"))!.Done);
    }

    [Fact]
    public async Task An_unknown_command_is_named()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        Assert.Equal("no command 'dance'", (await mount.AskAsync("dance"))!.Error);
    }

    [Fact]
    public async Task A_line_without_end_is_cut_off_and_others_are_served()
    {
        using SupervisedMount mount = new("serve");
        await mount.StartedAsync();
        Assert.Equal("", await SendAsync(mount, new string('x', 100_000)));
        Assert.True((await mount.AskAsync("ping"))!.Done);
    }

    [Fact]
    public async Task Nobody_listening_is_null_and_no_error()
    {
        string path = Path.Combine(Path.GetTempPath(), $"claw-none-{Guid.NewGuid():N}");
        Assert.Null(await ControlClient.AskAsync(path, new ControlRequest { Command = "ping" }, TimeSpan.FromSeconds(1)));
    }

    private static async Task<string> SendAsync(SupervisedMount mount, string text)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(StateFolder.ControlSocket(mount.State)), TestContext.Current.CancellationToken);
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
            using StreamReader reader = new(new NetworkStream(socket));
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            return ""; // Cut off.
        }
    }
}

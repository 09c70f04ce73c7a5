using ClawFS.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Guard;

/// <summary>Waits, on a thread of its own, for what a client says next or for its end. Until it is disposed nobody else may receive from the client; then the connection is over.</summary>
internal sealed class ClientWatch : IDisposable
{
    private readonly SeqPacketSocket client;
    private readonly CancellationTokenSource spoke = new();
    private readonly TaskCompletionSource<byte[]> said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ClientWatch(SeqPacketSocket client) => this.client = client;

    /// <summary>Cancelled when it has said something or is gone.</summary>
    internal CancellationToken Spoke => spoke.Token;

    /// <summary>What it said; nothing at its end.</summary>
    internal Task<byte[]> Said => said.Task;

    internal static ClientWatch Start(SeqPacketSocket client, string name)
    {
        ClientWatch watch = new(client);
        new Thread(watch.Wait) { IsBackground = true, Name = name }.Start();
        return watch;
    }

    /// <summary>What was sent to it, it still gets.</summary>
    public void Dispose() => client.Shutdown();

    private void Wait()
    {
        byte[] buffer = new byte[MessageChannel.MaxMessage];
        int length = 0;
        try
        {
            length = client.ReceiveAll(buffer, out SafeFileHandle[] more);
            Array.ForEach(more, static descriptor => descriptor.Dispose());
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // Whatever it was, this client is not waiting properly any more.
        }

        said.SetResult(buffer[..length]);
        spoke.Cancel();
    }
}

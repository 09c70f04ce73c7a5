using System.Net.Sockets;
using System.Text.Json;
using ClawFS.Linux;

namespace ClawFS.Supervisor;

/// <summary>
/// The supervisor's ear: a Unix socket in the state folder, 0600, for root and the user it runs as. One JSON line in, JSON
/// lines out, closed after the last (docs/ipc.md).
/// </summary>
internal sealed class ControlServer : IDisposable
{
    private const int MaxLine = 4096;
    private static readonly TimeSpan LineLimit = TimeSpan.FromSeconds(5);

    private readonly string path;
    private readonly Action<ControlRequest, Action<ControlReply>> handle;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource closing = new();

    /// <summary>Binds the socket; a leftover of a dead supervisor is replaced.</summary>
    /// <param name="path">Where; at most 107 bytes (unix(7)).</param>
    /// <param name="handle">Called for each request on a pool thread; it calls the second argument for each line of the reply.</param>
    /// <exception cref="IOException">The path is too long or the folder not writable.</exception>
    internal ControlServer(string path, Action<ControlRequest, Action<ControlReply>> handle)
    {
        this.path = path;
        this.handle = handle;
        try
        {
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen();
        }
        catch (Exception error) when (error is SocketException or ArgumentOutOfRangeException)
        {
            listener.Dispose();
            throw new IOException($"control socket {path}: {error.Message}; a shorter CLAW_STATE helps when it is too long");
        }
    }

    /// <summary>Answers until disposed.</summary>
    internal async Task ServeAsync()
    {
        while (!closing.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync(closing.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                continue; // The client was gone before it was accepted.
            }

            _ = AnswerAsync(client);
        }
    }

    public void Dispose()
    {
        closing.Cancel();
        listener.Dispose();
        File.Delete(path);
    }

    private async Task AnswerAsync(Socket client)
    {
        using (client)
        {
            try
            {
                PeerCredentials peer = PeerCredentials.Of(client);
                if (peer.Uid != 0 && peer.Uid != ProcessIdentity.Uid)
                {
                    return;
                }

                ControlRequest? request = Parse(await ReadLineAsync(client));
                TaskCompletionSource last = new(TaskCreationOptions.RunContinuationsAsynchronously);
                if (request is null)
                {
                    Write(client, new ControlReply { Done = true, Error = "not a request", Code = 2 }, last);
                    return;
                }

                handle(request, reply => Write(client, reply, last));
                await last.Task;
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // The client went away or sent nothing in time: there is nobody left to tell.
                return;
            }
        }
    }

    private async Task<byte[]> ReadLineAsync(Socket client)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        limit.CancelAfter(LineLimit);
        byte[] line = new byte[MaxLine];
        int length = 0;
        while (length < MaxLine)
        {
            int count = await client.ReceiveAsync(line.AsMemory(length), limit.Token);
            length += count;
            int end = line.AsSpan(0, length).IndexOf((byte)'\n');
            if (end >= 0 || count == 0)
            {
                return line[..(end >= 0 ? end : length)];
            }
        }

        throw new IOException("the line is too long");
    }

    private static ControlRequest? Parse(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest);
        }
        catch (JsonException)
        {
            return null; // Answered as "not a request".
        }
    }

    private static void Write(Socket client, ControlReply reply, TaskCompletionSource last)
    {
        try
        {
            _ = client.Send([.. JsonSerializer.SerializeToUtf8Bytes(reply, ControlJson.Default.ControlReply), (byte)'\n']);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // A client that stopped waiting must not stop what it asked for.
            last.TrySetResult();
        }

        if (reply.Done)
        {
            last.TrySetResult();
        }
    }
}

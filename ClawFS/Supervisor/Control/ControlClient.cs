using System.Net.Sockets;
using System.Text.Json;

namespace ClawFS.Supervisor;

/// <summary>Asks a supervisor over its control socket.</summary>
public static class ControlClient
{
    /// <summary>Sends one request and reads the reply to its last line.</summary>
    /// <param name="path">The control socket.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="limit">How long to wait for the last line.</param>
    /// <param name="progress">Called for each progress line.</param>
    /// <returns>The last line; null when nobody listens or the supervisor ended before it was sent.</returns>
    /// <exception cref="TimeoutException">The last line did not come in time.</exception>
    public static async Task<ControlReply?> AskAsync(string path, ControlRequest request, TimeSpan limit, Action<string>? progress = null)
    {
        using CancellationTokenSource timeout = new(limit);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), timeout.Token);
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request, ControlJson.Default.ControlRequest), (byte)'\n'];
            _ = await socket.SendAsync(line, timeout.Token);
            using StreamReader reader = new(new NetworkStream(socket));
            return await ReadReplyAsync(reader, progress, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no answer in {limit.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is SocketException or IOException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Reads reply lines up to the last one.</summary>
    /// <param name="reader">The socket or the start report.</param>
    /// <param name="progress">Called for each progress line.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The last line; null when the other side ended before it.</returns>
    public static async Task<ControlReply?> ReadReplyAsync(TextReader reader, Action<string>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reader);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            ControlReply reply = JsonSerializer.Deserialize(line, ControlJson.Default.ControlReply)!;
            if (reply.Progress is not null)
            {
                progress?.Invoke(reply.Progress);
            }

            if (reply.Done)
            {
                return reply;
            }
        }

        return null;
    }
}

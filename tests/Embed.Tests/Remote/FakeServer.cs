using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace ClawOS.Embed.Tests.Remote;

/// <summary>A request as it came.</summary>
internal sealed record FakeRequest(string Line, string Head, JsonNode Body)
{
    internal string[] Texts => [.. Body["input"]!.AsArray().Select(static text => text!.GetValue<string>())];
}

/// <summary>An HTTP server that answers what a test says, byte for byte.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<FakeRequest, int, Task<string?>> answer;
    private readonly CancellationTokenSource stopping = new();
    private int count;

    /// <summary>Starts to serve.</summary>
    /// <param name="answer">Given a request and its number, from 0: the whole answer, or null to close the connection without one.</param>
    internal FakeServer(Func<FakeRequest, int, Task<string?>> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = AcceptAsync();
    }

    internal FakeServer(Func<FakeRequest, int, string?> answer) : this((request, number) => Task.FromResult(answer(request, number)))
    {
    }

    internal string Url => $"http://{listener.LocalEndpoint}";

    internal ConcurrentQueue<FakeRequest> Requests { get; } = new();

    public void Dispose()
    {
        stopping.Cancel();
        listener.Stop();
    }

    internal static string Ok(string body) => Status("200 OK", body);

    internal static string Status(string status, string body = "{}", string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}Connection: close\r\n\r\n{body}";

    /// <summary>What OpenAI answers, last first: the places count, not the order.</summary>
    internal static string OpenAi(IEnumerable<float[]> vectors) =>
        Ok($"{{\"object\":\"list\",\"data\":[{string.Join(',', vectors.Select(static (vector, i) => $"{{\"object\":\"embedding\",\"index\":{i},\"embedding\":[{Numbers(vector)}]}}").Reverse())}],\"model\":\"m\"}}");

    /// <summary>What Ollama answers.</summary>
    internal static string Ollama(IEnumerable<float[]> vectors) => Ok($"{{\"model\":\"m\",\"embeddings\":[{string.Join(',', vectors.Select(static vector => $"[{Numbers(vector)}]"))}]}}");

    /// <summary>A vector that tells texts apart.</summary>
    internal static float[] VectorOf(string text) => [text.Length, text.Length > 0 ? text[0] : 0, 1];

    private static string Numbers(float[] vector) => string.Join(',', vector.Select(static value => value.ToString("R", CultureInfo.InvariantCulture)));

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return; // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                FakeRequest request = await ReadAsync(stream);
                Requests.Enqueue(request);
                if (await answer(request, Interlocked.Increment(ref count) - 1) is { } text)
                {
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(text), stopping.Token);
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or IOException)
            {
                return; // The client has given up, or the test is over.
            }
        }
    }

    private async Task<FakeRequest> ReadAsync(NetworkStream stream)
    {
        List<byte> bytes = [];
        byte[] piece = new byte[64 * 1024];
        int end;
        while ((end = Encoding.Latin1.GetString([.. bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            await Fill();
        }
        string head = Encoding.Latin1.GetString([.. bytes], 0, end);
        string length = head.Split("\r\n").First(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))[15..];
        int whole = end + 4 + int.Parse(length, CultureInfo.InvariantCulture);
        while (bytes.Count < whole)
        {
            await Fill();
        }
        return new FakeRequest(head.Split("\r\n")[0], head, JsonNode.Parse(Encoding.UTF8.GetString([.. bytes], end + 4, whole - end - 4))!);

        async Task Fill()
        {
            int read = await stream.ReadAsync(piece, stopping.Token);
            if (read == 0)
            {
                throw new IOException("closed");
            }
            bytes.AddRange(piece.AsSpan(0, read));
        }
    }
}

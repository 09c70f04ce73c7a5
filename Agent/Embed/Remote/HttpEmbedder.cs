using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ClawFS.Embedding;

namespace ClawOS.Embed.Remote;

/// <summary>
/// An embedder behind HTTP. A request that fails in a way that passes is tried again inside the time that the batch has (<see cref="Retries"/>). Of what the server says only the
/// status is told: an error page may quote the key.
/// </summary>
internal sealed class HttpEmbedder : TextEmbedder
{
    private const int MaxAnswer = 32 << 20;

    /// <summary>How long the first try, which tells the dimensions, may take: a server may have to load the model.</summary>
    private static readonly TimeSpan FirstLimit = TimeSpan.FromSeconds(90);

    private readonly HttpClient client;
    private readonly EmbeddingApi api;
    private readonly Uri address;
    private readonly Retries retries = new();
    private readonly string model;

    private HttpEmbedder(EmbedderSettings settings, string? key)
    {
        api = EmbeddingApi.Of(settings.Kind);
        model = settings.Model;
        address = new Uri(settings.Url.TrimEnd('/') + api.Path);
        Name = $"{settings}@{address.Authority}";
        // No redirects: the texts go where the owner said, and nowhere else.
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswer };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <inheritdoc/>
    internal override string Name { get; }

    /// <inheritdoc/>
    internal override int Dimensions => dimensions;

    private int dimensions;

    /// <summary>Asks the server once, to learn the dimensions.</summary>
    /// <param name="settings">Which server and model.</param>
    /// <param name="key">Its key, or null.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="EmbedException">The server does not answer with a vector.</exception>
    internal static async Task<HttpEmbedder> OpenAsync(EmbedderSettings settings, string? key, CancellationToken cancel)
    {
        if (key is not null && settings.Url.StartsWith("http:", StringComparison.OrdinalIgnoreCase) && !new Uri(settings.Url).IsLoopback)
        {
            throw new EmbedException(EmbedFailureKind.Unusable, "a key goes to another machine by https only");
        }
        HttpEmbedder made = new(settings, key);
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(FirstLimit);
            float[][] vectors = await made.EmbedAsync(["dimensions"], limit.Token);
            made.dimensions = vectors is [{ Length: >= EmbedLimits.LeastDimensions and <= EmbedLimits.MostDimensions } first] ? first.Length
                : throw new EmbedException(EmbedFailureKind.Unusable, $"{made.address.Authority} answers with {(vectors.Length == 1 ? $"{vectors[0].Length} dimensions" : $"{vectors.Length} vectors for one text")}");
            return made;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            made.Dispose();
            throw new EmbedException(EmbedFailureKind.Again, $"{made.address.Authority} did not answer in time");
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancel) => retries.RunAsync(limit => AskAsync(texts, limit), cancel);

    /// <inheritdoc/>
    public override void Dispose() => client.Dispose();

    private async Task<float[][]> AskAsync(IReadOnlyList<string> texts, CancellationToken cancel)
    {
        try
        {
            using ByteArrayContent body = new(api.Request(model, texts));
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage answer = await client.PostAsync(address, body, cancel);
            if (!answer.IsSuccessStatusCode)
            {
                throw Refusal(answer);
            }
            byte[] bytes = await answer.Content.ReadAsByteArrayAsync(cancel);
            float[][] vectors = api.Read(bytes, texts.Count);
            return VectorCheck.FaultOf(vectors, texts.Count, dimensions == 0 && vectors.Length > 0 ? vectors[0].Length : dimensions) is { } fault
                ? throw new EmbedException(EmbedFailureKind.Again, $"{address.Authority}: {fault}")
                : vectors;
        }
        catch (HttpRequestException failed)
        {
            throw new EmbedException(EmbedFailureKind.Again, $"{address.Authority}: {OneLine.Of(failed.Message, EmbedLimits.MaxReason / 2)}", inner: failed);
        }
        catch (Exception garbage) when (garbage is JsonException or InvalidDataException)
        {
            throw new EmbedException(EmbedFailureKind.Again, $"{address.Authority}: the answer is no embedding", inner: garbage);
        }
    }

    private EmbedException Refusal(HttpResponseMessage answer)
    {
        int status = (int)answer.StatusCode;
        TimeSpan wait = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow,
            _ => TimeSpan.Zero,
        };
        EmbedFailureKind kind = answer.StatusCode switch
        {
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout => EmbedFailureKind.Again,
            HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableContent => EmbedFailureKind.Refused,
            _ when status >= 500 => EmbedFailureKind.Again,
            _ => EmbedFailureKind.Unusable,
        };
        return new EmbedException(kind, $"{address.Authority} answers with status {status}", wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }
}

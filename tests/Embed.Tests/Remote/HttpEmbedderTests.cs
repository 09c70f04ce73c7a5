using ClawFS.Embedding;
using ClawOS.Embed.Remote;

namespace ClawOS.Embed.Tests.Remote;

public sealed class HttpEmbedderTests
{
    private static readonly string[] Texts = ["one", "three words here", ""];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenAi_is_asked_as_it_wants_and_its_places_count()
    {
        using FakeServer server = new((request, _) => FakeServer.OpenAi(request.Texts.Select(FakeServer.VectorOf)));
        using HttpEmbedder embedder = await OpenAsync(EmbedderKind.OpenAi, server.Url + "/v1/", "sk-secret");
        Assert.Equal(3, embedder.Dimensions);
        Assert.Equal($"openai:m@{new Uri(server.Url).Authority}", embedder.Name);
        Assert.Equal(Texts.Select(FakeServer.VectorOf), await embedder.EmbedAsync(Texts, Token));
        FakeRequest last = server.Requests.Last();
        Assert.Equal("POST /v1/embeddings HTTP/1.1", last.Line);
        Assert.Contains("Authorization: Bearer sk-secret", last.Head, StringComparison.Ordinal);
        Assert.Equal("m", last.Body["model"]!.GetValue<string>());
        Assert.Equal(Texts, last.Texts);
    }

    [Fact]
    public async Task Ollama_is_asked_as_it_wants()
    {
        using FakeServer server = new((request, _) => FakeServer.Ollama(request.Texts.Select(FakeServer.VectorOf)));
        using HttpEmbedder embedder = await OpenAsync(EmbedderKind.Ollama, server.Url);
        Assert.Equal(Texts.Select(FakeServer.VectorOf), await embedder.EmbedAsync(Texts, Token));
        Assert.Equal("POST /api/embed HTTP/1.1", server.Requests.Last().Line);
        Assert.DoesNotContain("Authorization", server.Requests.Last().Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("429 Too Many Requests")]
    [InlineData("500 Internal Server Error")]
    [InlineData("503 Service Unavailable")]
    public async Task What_passes_is_tried_again(string status)
    {
        using FakeServer server = new((request, number) => number == 1 ? FakeServer.Status(status) : FakeServer.Ollama(request.Texts.Select(FakeServer.VectorOf)));
        using HttpEmbedder embedder = await OpenAsync(EmbedderKind.Ollama, server.Url);
        Assert.Equal(3, (await embedder.EmbedAsync(Texts, Token)).Length);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_names_a_time_is_left_alone_for_so_long()
    {
        long refused = 0, asked = 0;
        using FakeServer server = new((request, number) =>
        {
            Interlocked.Exchange(ref number == 1 ? ref refused : ref asked, Environment.TickCount64);
            return number == 1 ? FakeServer.Status("429 Too Many Requests", headers: "Retry-After: 2\r\n") : FakeServer.Ollama(request.Texts.Select(FakeServer.VectorOf));
        });
        using HttpEmbedder embedder = await OpenAsync(EmbedderKind.Ollama, server.Url);
        await embedder.EmbedAsync(Texts, Token);
        Assert.InRange(asked - refused, 1900, long.MaxValue);
    }

    [Fact]
    public async Task A_long_time_is_passed_on_and_not_waited_for()
    {
        using FakeServer server = new((request, number) => number > 0 ? FakeServer.Status("429 Too Many Requests", headers: "Retry-After: 3000\r\n") : FakeServer.Ollama(request.Texts.Select(FakeServer.VectorOf)));
        using HttpEmbedder embedder = await OpenAsync(EmbedderKind.Ollama, server.Url);
        EmbedException failed = await Assert.ThrowsAsync<EmbedException>(() => embedder.EmbedAsync(Texts, Token));
        Assert.Equal((EmbedFailureKind.Again, TimeSpan.FromSeconds(3000)), (failed.Kind, failed.RetryAfter));
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("401 Unauthorized", EmbedFailureKind.Unusable)]
    [InlineData("404 Not Found", EmbedFailureKind.Unusable)]
    [InlineData("302 Found", EmbedFailureKind.Unusable)]
    [InlineData("400 Bad Request", EmbedFailureKind.Refused)]
    public async Task What_does_not_pass_is_not_tried_again_and_an_error_page_is_not_quoted(string status, EmbedFailureKind kind)
    {
        using FakeServer server = new((_, _) => FakeServer.Status(status, "{\"error\":\"wrong key sk-secret\"}", "Location: http://127.0.0.1:1/\r\n"));
        EmbedException failed = await Assert.ThrowsAsync<EmbedException>(() => OpenAsync(EmbedderKind.OpenAi, server.Url, "sk-secret"));
        Assert.Equal(kind, failed.Kind);
        Assert.Contains(status[..3], failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-secret", failed.ToString(), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("""{"embeddings":[[1,2,3],[1,2,3]]}""", "3 texts were asked for and 2 vectors came")]
    [InlineData("""{"embeddings":[[1,2,3],[1,2,3],[1,2]]}""", "2 dimensions instead of 3")]
    [InlineData("""{"embeddings":[[1,2,3],[1,2,3],[1,2,1e99]]}""", "not finite")]
    [InlineData("""{"embeddings":[[1,2,3],[1,2,3],[1,2,"NaN"]]}""", "not finite")]
    [InlineData("""{"embeddings":[[1,2,3],[1,2,3],[1,2,NaN]]}""", "no embedding")]
    [InlineData("""{"embeddings":[[1,2,3],[1,2,3],null]}""", "no embedding")]
    [InlineData("""{"embeddings":[[1,2,3],[1,2,3],[]]}""", "no embedding")]
    [InlineData("""{"embeddings":7}""", "no embedding")]
    [InlineData("[]", "no embedding")]
    [InlineData("<html>gateway</html>", "no embedding")]
    [InlineData("", "no embedding")]
    [InlineData(null, "127.0.0.1")]
    public async Task An_answer_that_is_none_is_a_failure(string? body, string reason)
    {
        using FakeServer server = new((request, number) => number == 0 ? FakeServer.Ollama(request.Texts.Select(FakeServer.VectorOf)) : body is null ? null : FakeServer.Ok(body));
        using HttpEmbedder embedder = await OpenAsync(EmbedderKind.Ollama, server.Url);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(1)); // Less than all tries take: what is told is the failure, not that time is over.
        EmbedException failed = await Assert.ThrowsAsync<EmbedException>(() => embedder.EmbedAsync(Texts, limit.Token));
        Assert.Equal(EmbedFailureKind.Again, failed.Kind);
        Assert.Contains(reason, failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data":[{"index":0,"embedding":[1,2,3]},{"index":0,"embedding":[1,2,3]},{"index":2,"embedding":[1,2,3]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[1,2,3]},{"index":3,"embedding":[1,2,3]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":"AACAPw=="},{"index":1,"embedding":[1,2,3]},{"index":2,"embedding":[1,2,3]}]}""")]
    [InlineData("""{"data":[1,2,3]}""")]
    public async Task Places_that_cannot_be_are_a_failure(string body)
    {
        using FakeServer server = new((request, number) => number == 0 ? FakeServer.OpenAi(request.Texts.Select(FakeServer.VectorOf)) : FakeServer.Ok(body));
        using HttpEmbedder embedder = await OpenAsync(EmbedderKind.OpenAi, server.Url);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        Assert.Contains("no embedding", (await Assert.ThrowsAsync<EmbedException>(() => embedder.EmbedAsync(Texts, limit.Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_silent_ends_with_the_time_that_was_given()
    {
        using FakeServer server = new(async (request, number) =>
        {
            await Task.Delay(number == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(1), Token);
            return FakeServer.Ollama(request.Texts.Select(FakeServer.VectorOf));
        });
        using HttpEmbedder embedder = await OpenAsync(EmbedderKind.Ollama, server.Url);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => embedder.EmbedAsync(Texts, limit.Token));
    }

    [Fact]
    public async Task A_key_is_not_sent_in_clear_to_another_machine()
    {
        EmbedException refused = await Assert.ThrowsAsync<EmbedException>(() => OpenAsync(EmbedderKind.OpenAi, "http://192.0.2.1/v1", "sk-secret"));
        Assert.Equal(EmbedFailureKind.Unusable, refused.Kind);
    }

    [Fact]
    public void A_key_file_is_read_and_what_is_no_key_is_refused_without_showing_it()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, " sk-secret\n");
            Assert.Equal("sk-secret", ServerKey.Read(file));
            File.WriteAllText(file, "sk-secret\nsecond line");
            Assert.DoesNotContain("sk-", Assert.Throws<EmbedException>(() => ServerKey.Read(file)).Message, StringComparison.Ordinal);
            File.WriteAllText(file, "");
            Assert.Contains("empty", Assert.Throws<EmbedException>(() => ServerKey.Read(file)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Contains("cannot be read", Assert.Throws<EmbedException>(() => ServerKey.Read(file)).Message, StringComparison.Ordinal);
    }

    private static Task<HttpEmbedder> OpenAsync(EmbedderKind kind, string url, string? key = null) => HttpEmbedder.OpenAsync(new EmbedderSettings(kind, "m", url), key, Token);
}

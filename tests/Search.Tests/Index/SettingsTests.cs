namespace ClawFS.Search.Tests.Index;

public sealed class SettingsTests
{
    [Fact]
    public void What_is_written_is_what_is_read()
    {
        Assert.Null(IndexSettings.TryParse("M=32 efSearch=128\n# a remark M=1\nembedder=none dimensions=128", out IndexSettings settings));
        Assert.Equal((32, 128, "none", 128), (settings.M, settings.EfSearch, settings.Embedder, settings.Dimensions));
        Assert.Null(IndexSettings.TryParse(settings.ToString(), out IndexSettings again));
        Assert.Equal(settings, again);
    }

    [Theory]
    [InlineData("M=1000"), InlineData("M"), InlineData("speed=fast"), InlineData("embedder=gpt"), InlineData("efSearch=-1"), InlineData("dimensions=4000")]
    public void What_cannot_be_is_refused_by_the_word(string text)
    {
        (string Word, string Reason)? wrong = IndexSettings.TryParse("M=16 " + text, out _);
        Assert.Equal(text, wrong?.Word);
        Assert.NotEqual("", wrong?.Reason);
    }

    [Theory]
    [InlineData("embedder=ollama:nomic", "ollama:nomic", "http://127.0.0.1:11434")]
    [InlineData("embedder=openai:text-3 url=https://example.org/v1 key=/etc/claw/key", "openai:text-3", "https://example.org/v1")]
    [InlineData("embedder=onnx:/models/mini", "onnx:/models/mini", "")]
    public void Embedders_in_another_process_are_named_by_one_line(string text, string name, string url)
    {
        Assert.Null(IndexSettings.TryParse(text, out IndexSettings settings));
        Assert.Null(settings.Fault);
        Assert.Equal((name, url), (settings.Worker!.ToString(), settings.Worker.Url));
        Assert.Null(IndexSettings.TryParse(settings.ToString(), out IndexSettings again));
        Assert.Equal(settings, again);
    }

    [Theory]
    [InlineData("embedder=cohere:x")]
    [InlineData("embedder=onnx:")]
    [InlineData("key=sk-123")]
    [InlineData("trust=2")]
    [InlineData("trust=NaN")]
    public void A_word_that_means_nothing_or_may_be_a_secret_is_refused(string text) => Assert.NotNull(IndexSettings.TryParse(text, out _));

    [Theory]
    [InlineData("embedder=openai:m")]
    [InlineData("embedder=onnx:models")]
    [InlineData("embedder=lsi url=http://127.0.0.1/")]
    [InlineData("embedder=ollama:m url=http://user:pass@127.0.0.1/")]
    public void Settings_that_do_not_go_together_are_refused_as_a_whole(string text)
    {
        Assert.Null(IndexSettings.TryParse(text, out IndexSettings settings));
        Assert.NotNull(settings.Fault);
    }
}

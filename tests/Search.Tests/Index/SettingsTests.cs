namespace ClawFS.Search.Tests.Index;

public sealed class SettingsTests
{
    [Fact]
    public void What_is_written_is_what_is_read()
    {
        Assert.Null(IndexSettings.TryParse("M=32 efSearch=128\n# a remark M=1\nvectors=resident\nembedder=ollama:http://127.0.0.1:11434#nomic-embed-text", out IndexSettings settings));
        Assert.Equal((32, 128, true), (settings.M, settings.EfSearch, settings.Resident));
        Assert.Null(IndexSettings.TryParse(settings.ToString(), out IndexSettings again));
        Assert.Equal(settings, again);
    }

    [Theory]
    [InlineData("M=1000"), InlineData("M"), InlineData("speed=fast"), InlineData("embedder=gpt"), InlineData("embedder=openai:localhost#x"), InlineData("efSearch=-1"), InlineData("vectors=both"), InlineData("embedder=onnx:relative")]
    public void What_cannot_be_is_refused_by_the_word(string text)
    {
        (string Word, string Reason)? wrong = IndexSettings.TryParse("M=16 " + text, out _);
        Assert.Equal(text, wrong?.Word);
        Assert.NotEqual("", wrong?.Reason);
    }
}

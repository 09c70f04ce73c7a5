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
}

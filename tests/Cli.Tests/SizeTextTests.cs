using ClawOS.Cli.Terminal;

namespace Cli.Tests;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("1K", 1024)]
    [InlineData("20g", 20L << 30)]
    [InlineData("1T", 1L << 40)]
    public void Sizes_are_powers_of_1024(string text, long bytes) => Assert.Equal((ulong)bytes, SizeText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("1GB")]
    [InlineData("99999999999T")]
    public void What_is_no_size_is_null(string text) => Assert.Null(SizeText.Parse(text));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1L << 40, "1 TiB")]
    public void Sizes_are_written_short(long bytes, string text) => Assert.Equal(text, SizeText.Format((ulong)bytes));
}

namespace ClawFS.Crypto.Tests;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720 appendix B.4 and the usual check value.</summary>
    [Theory]
    [InlineData("313233343536373839", 0xe3069283)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8a9136aa)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0x62a8ab43)]
    public void Published_vectors_hold(string data, uint expected) =>
        Assert.Equal(expected, Crc32C.Of(Convert.FromHexString(data)));
}

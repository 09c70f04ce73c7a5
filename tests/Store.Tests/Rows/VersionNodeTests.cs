using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Rows;

public sealed class VersionNodeTests
{
    [Fact]
    public void A_node_without_rows_has_no_bytes() =>
        Assert.Equal(0, VersionNode.Encode(new ulong[VersionNode.Size], new byte[VersionNode.MaxEncoded]));

    [Fact]
    public void Versions_of_one_epoch_take_three_bytes_each()
    {
        ulong[] versions = new ulong[VersionNode.Size];
        for (int i = 0; i < versions.Length; i++)
            versions[i] = (3UL << 40) + 1_000_000 + (ulong)i * 1000;
        Assert.Equal(9 + 3 * VersionNode.Size, VersionNode.Encode(versions, new byte[VersionNode.MaxEncoded]));
    }

    [Fact]
    public void Any_versions_come_back()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] bytes = new byte[VersionNode.MaxEncoded];
        for (int round = 0; round < 500; round++)
        {
            ulong[] versions = new ulong[VersionNode.Size];
            int bits = random.Next(1, 65);
            int present = random.Next(1, VersionNode.Size);
            for (int i = 0; i < present; i++)
                versions[random.Next(VersionNode.Size)] = (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> (64 - bits);
            versions[0] = ulong.MaxValue >> (64 - bits);
            int length = VersionNode.Encode(versions, bytes);
            ulong[] decoded = new ulong[VersionNode.Size];
            Assert.True(VersionNode.TryDecode(bytes.AsSpan(0, length), decoded));
            Assert.Equal(versions, decoded);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 0)]
    [InlineData(9, 9)]
    [InlineData(9 + 511, 1)]
    [InlineData(9 + 513, 1)]
    public void Bytes_that_are_no_node_are_refused(int length, byte width)
    {
        byte[] bytes = new byte[length];
        if (length > 8)
            bytes[8] = width;
        Assert.False(VersionNode.TryDecode(bytes, new ulong[VersionNode.Size]));
    }
}

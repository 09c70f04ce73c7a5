namespace ClawFS.Crypto.Tests;

public sealed class NameHashTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    /// <summary>The reference table vectors_sip64 of the authors, and the example of the paper's appendix A (15 bytes).</summary>
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(2, 0x0d6c8009d9a94f5a)]
    [InlineData(3, 0x85676696d7fb7e2d)]
    [InlineData(4, 0xcf2794e0277187b7)]
    [InlineData(5, 0x18765564cd99a68d)]
    [InlineData(6, 0xcbc9466e58fee3ce)]
    [InlineData(7, 0xab0200f58b01d137)]
    [InlineData(8, 0x93f5f5799a932462)]
    [InlineData(15, 0xa129ca6149be45e5)]
    public void Published_vectors_hold(int length, ulong expected)
    {
        using NameHash hash = new(Key);

        Assert.Equal(expected, hash.Hash(Input(length)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(255)]
    public void A_name_hashes_like_the_number_of_its_folder_and_itself_behind_it(int length)
    {
        using NameHash hash = new(Key);
        byte[] joined = [1, 2, 3, 4, 5, 6, 7, 8, .. Input(length)];

        Assert.Equal(hash.Hash(joined), hash.HashName(0x0807060504030201, Input(length)));
    }

    [Fact]
    public void Another_master_key_gives_other_hashes()
    {
        using SecretKey one = SecretKey.Random();
        using SecretKey two = SecretKey.Random();
        using NameHash a = new(one);
        using NameHash b = new(two);

        Assert.NotEqual(a.HashName(1, "x"u8), b.HashName(1, "x"u8));
    }

    [Fact]
    public void Hashing_allocates_nothing()
    {
        using NameHash hash = new(Key);
        byte[] name = Input(40);
        _ = hash.HashName(1, name);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = hash.HashName(2, name);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Input(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];
}

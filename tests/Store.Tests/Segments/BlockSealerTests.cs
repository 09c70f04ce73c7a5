using ClawFS.Crypto;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Tests.Segments;

public sealed class BlockSealerTests : IDisposable
{
    private static readonly BlockPlace Place = new(new Guid("00112233-4455-6677-8899-aabbccddeeff"), 42, 7, 0x0123456789ABCDEF, SegmentHeader.Size);

    private readonly SecretKey secret = SecretKey.Random();
    private readonly Aead key;

    public BlockSealerTests() => key = secret.CreateAead();

    public void Dispose()
    {
        key.Dispose();
        secret.Dispose();
    }

    [Theory]
    [InlineData(1, 17)]
    [InlineData(4095, 4111)]
    [InlineData(4096, 4112)]
    [InlineData(4097, 4129)]
    [InlineData(131072, 131584)]
    public void A_run_comes_back_and_takes_16_bytes_a_block(int length, int sealedLength)
    {
        byte[] plaintext = Pattern(length);
        byte[] run = new byte[BlockSealer.SealedLength(length)];
        Assert.Equal(sealedLength, run.Length);
        Assert.Equal(sealedLength, BlockSealer.Seal(key, Place, plaintext, run));
        byte[] opened = new byte[length];
        Assert.True(Open(key, Place, run, opened, out _));
        Assert.Equal(plaintext, opened);
    }

    [Fact]
    public void One_block_of_a_run_opens_by_itself()
    {
        byte[] plaintext = Pattern(4 * 4096);
        byte[] run = Sealed(plaintext);
        byte[] opened = new byte[4096];
        BlockPlace third = Place with { Block = Place.Block + 2, Offset = Place.Offset + 2 * BlockSealer.BlockSize };
        Assert.True(BlockSealer.Open(key, third, run.AsSpan(2 * BlockSealer.BlockSize, BlockSealer.BlockSize), run.AsSpan(4 * BlockSealer.BlockSize + 32, 16), opened, out _));
        Assert.Equal(plaintext[8192..12288], opened);
    }

    [Theory]
    [InlineData(2 * 4096 + 5)]
    [InlineData(4 * 4096 + 2 * 16 + 5)]
    public void The_first_block_that_is_not_authentic_is_named_and_the_ones_before_are_valid(int at)
    {
        byte[] plaintext = Pattern(4 * 4096);
        byte[] run = Sealed(plaintext);
        run[at] ^= 1;
        byte[] opened = new byte[plaintext.Length];
        Assert.False(Open(key, Place, run, opened, out ulong bad));
        Assert.Equal(Place.Block + 2, bad);
        Assert.Equal(plaintext[..8192], opened[..8192]);
        Assert.Equal(new byte[4096], opened[8192..12288]);
    }

    [Fact]
    public void A_block_opens_only_at_its_own_place()
    {
        byte[] run = Sealed(Pattern(4096));
        byte[] opened = new byte[4096];
        BlockPlace[] others =
        [
            Place with { Store = Guid.NewGuid() }, Place with { Inode = 43 }, Place with { Block = 8 },
            Place with { Salt = 1 }, Place with { Offset = 4176 },
        ];
        foreach (BlockPlace other in others)
            Assert.False(Open(key, other, run, opened, out _));
        using SecretKey otherSecret = SecretKey.Random();
        using Aead otherKey = otherSecret.CreateAead();
        Assert.False(Open(otherKey, Place, run, opened, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4097)]
    [InlineData(8191)]
    public void A_cut_run_does_not_open(int length)
    {
        byte[] run = Sealed(Pattern(8192));
        Assert.False(BlockSealer.Open(key, Place, run.AsSpan(0, length), run.AsSpan(8192), new byte[length], out _));
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        byte[] plaintext = Pattern(131072);
        byte[] run = new byte[BlockSealer.SealedLength(plaintext.Length)];
        Assert.Equal(0, Allocations.Of(() => BlockSealer.Seal(key, Place, plaintext, run)));
        Assert.Equal(0, Allocations.Of(() => Open(key, Place, run, plaintext, out _)));
    }

    /// <summary>Opens a whole run.</summary>
    private static bool Open(Aead key, in BlockPlace place, byte[] run, byte[] plaintext, out ulong bad) =>
        BlockSealer.Open(key, place, run.AsSpan(0, plaintext.Length), run.AsSpan(plaintext.Length), plaintext, out bad);

    private byte[] Sealed(byte[] plaintext)
    {
        byte[] run = new byte[BlockSealer.SealedLength(plaintext.Length)];
        BlockSealer.Seal(key, Place, plaintext, run);
        return run;
    }

    private static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)(i / 256 + i))];
}

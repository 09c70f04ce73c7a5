using ClawFS.Linux.Sodium;

namespace ClawFS.Crypto.Tests;

public sealed class SodiumAeadTests : AeadContract
{
    private protected override AesGcmEngine CreateEngine()
    {
        if (!SodiumAesGcm.IsAvailable)
            Assert.Skip("this processor has no AES instructions that libsodium uses");
        return new SodiumEngine();
    }

    [Fact]
    public void The_platform_engine_opens_what_libsodium_sealed_and_the_reverse()
    {
        using Aead sodium = CreateKeyed();
        using Aead platform = new(new PlatformEngine());
        byte[] key = new byte[SecretKey.Size];
        sodium.SetKey(key);
        platform.SetKey(key);
        byte[] nonce = new byte[Aead.NonceSize];
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int round = 0; round < 300; round++)
        {
            byte[] clear = new byte[random.Next(5000)];
            byte[] aad = new byte[random.Next(100)];
            random.NextBytes(clear);
            random.NextBytes(aad);
            random.NextBytes(nonce);
            (Aead from, Aead to) = round % 2 == 0 ? (sodium, platform) : (platform, sodium);
            byte[] output = new byte[clear.Length + Aead.TagSize];
            byte[] opened = new byte[clear.Length];
            from.Seal(nonce, aad, clear, output);
            Assert.True(to.Open(nonce, aad, output, opened));
            Assert.Equal(clear, opened);
            // With the tag apart it is the same message.
            byte[] tag = new byte[Aead.TagSize];
            from.Seal(nonce, aad, clear, opened, tag);
            Assert.Equal(output, opened.Concat(tag).ToArray());
            Assert.True(to.Open(nonce, aad, opened, tag, opened));
            Assert.Equal(clear, opened);
        }
    }

    [Fact]
    public void Sealing_opening_and_rekeying_allocate_nothing()
    {
        using Aead aead = CreateKeyed();
        using SecretKey master = SecretKey.Random();
        byte[] nonce = new byte[Aead.NonceSize];
        byte[] block = new byte[4096 + Aead.TagSize];
        byte[] salt = new byte[16];
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            master.DeriveInto(salt, "claw file", aead);
            aead.Seal(nonce, salt, block.AsSpan(0, 4096), block);
            aead.Open(nonce, salt, block, block.AsSpan(0, 4096));
            aead.Open(nonce, salt, block, block.AsSpan(0, 4096)); // The tag does not fit any more: refusing is free too.
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);
    }
}

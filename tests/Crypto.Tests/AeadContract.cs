using System.Security.Cryptography;

namespace ClawFS.Crypto.Tests;

/// <summary>What every implementation of AES-256-GCM must do; one derived class an engine.</summary>
public abstract class AeadContract
{
    private static readonly byte[] Nonce = [.. Enumerable.Range(0, Aead.NonceSize).Select(i => (byte)i)];
    private static readonly byte[] Key = [.. Enumerable.Range(0, SecretKey.Size).Select(i => (byte)(i * 7))];
    private static readonly byte[] Aad = "store 1, inode 2, block 3"u8.ToArray();

    private protected abstract AesGcmEngine CreateEngine();

    /// <summary>McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13 to 16.</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000",
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b")]
    public void Published_vectors_hold(string key, string nonce, string aad, string plaintext, string expected)
    {
        using Aead aead = new(CreateEngine());
        aead.SetKey(Convert.FromHexString(key));
        byte[] clear = Convert.FromHexString(plaintext);
        byte[] output = new byte[clear.Length + Aead.TagSize];

        aead.Seal(Convert.FromHexString(nonce), Convert.FromHexString(aad), clear, output);
        Assert.Equal(expected, Convert.ToHexStringLower(output));

        byte[] opened = new byte[clear.Length];
        Assert.True(aead.Open(Convert.FromHexString(nonce), Convert.FromHexString(aad), output, opened));
        Assert.Equal(clear, opened);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(4096)]
    [InlineData(100_003)]
    public void A_message_may_be_sealed_and_opened_in_place(int length)
    {
        using Aead aead = CreateKeyed();
        byte[] clear = RandomNumberGenerator.GetBytes(length);
        byte[] apart = Seal(aead, clear);
        byte[] buffer = [.. clear, .. new byte[Aead.TagSize]];

        aead.Seal(Nonce, Aad, buffer.AsSpan(0, length), buffer);
        Assert.Equal(apart, buffer);
        Assert.True(aead.Open(Nonce, Aad, buffer, buffer.AsSpan(0, length)));
        Assert.Equal(clear, buffer[..length]);
    }

    [Fact]
    public void A_changed_bit_anywhere_is_refused_and_leaves_zeros()
    {
        using Aead aead = CreateKeyed();
        byte[] good = Seal(aead, RandomNumberGenerator.GetBytes(40));
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(aead, Nonce, Aad, bad);
        }
    }

    [Fact]
    public void Another_nonce_or_other_associated_data_is_refused()
    {
        using Aead aead = CreateKeyed();
        byte[] good = Seal(aead, new byte[100]);

        AssertRefused(aead, [.. Nonce[..^1], 99], Aad, good);
        AssertRefused(aead, Nonce, Aad[..^1], good);
        AssertRefused(aead, Nonce, [], good);
        AssertRefused(aead, Nonce, [.. Aad, 0], good);
    }

    [Fact]
    public void A_new_key_replaces_the_old_one()
    {
        using Aead aead = CreateKeyed();
        byte[] good = Seal(aead, new byte[10]);

        aead.SetKey(new byte[SecretKey.Size]);
        AssertRefused(aead, Nonce, Aad, good);
        aead.SetKey(Key);
        Assert.True(aead.Open(Nonce, Aad, good, new byte[10]));
    }

    [Fact]
    public void Several_threads_may_use_one_context()
    {
        using Aead aead = CreateKeyed();
        byte[] clear = RandomNumberGenerator.GetBytes(4096);
        byte[] good = Seal(aead, clear);

        Parallel.For(0, 500, _ =>
        {
            byte[] output = new byte[good.Length];
            byte[] opened = new byte[clear.Length];
            aead.Seal(Nonce, Aad, clear, output);
            Assert.Equal(good, output);
            Assert.True(aead.Open(Nonce, Aad, output, opened));
            Assert.Equal(clear, opened);
        });
    }

    [Fact]
    public async Task A_context_disposed_in_mid_use_seals_right_or_throws()
    {
        byte[] clear = RandomNumberGenerator.GetBytes(64);
        byte[] good;
        using (Aead reference = CreateKeyed())
            good = Seal(reference, clear);
        for (int round = 0; round < 100; round++)
        {
            Aead aead = CreateKeyed();
            Assert.Equal(good, Seal(aead, clear));
            Task user = Task.Run(
                () =>
                {
                    while (true)
                        Assert.Equal(good, Seal(aead, clear));
                },
                TestContext.Current.CancellationToken);
            aead.Dispose();
            using Aead next = CreateKeyed();
            next.SetKey(new byte[SecretKey.Size]);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => user);
        }
    }

    [Fact]
    public void Wrong_lengths_and_shifted_overlaps_are_programming_errors()
    {
        using Aead aead = CreateKeyed();
        byte[] buffer = new byte[64];

        Assert.Throws<ArgumentException>(() => aead.Seal(new byte[11], Aad, new byte[8], new byte[24]));
        Assert.Throws<ArgumentException>(() => aead.Seal(Nonce, Aad, new byte[8], new byte[25]));
        Assert.Throws<ArgumentException>(() => aead.Open(Nonce, Aad, new byte[15], new byte[0]));
        Assert.Throws<ArgumentException>(() => aead.Seal(Nonce, Aad, buffer.AsSpan(1, 8), buffer.AsSpan(0, 24)));
        Assert.Throws<ArgumentException>(() => aead.SetKey(new byte[16]));
    }

    [Fact]
    public void A_context_without_a_key_does_nothing()
    {
        using Aead aead = new(CreateEngine());

        Assert.Throws<InvalidOperationException>(() => aead.Seal(Nonce, Aad, [], new byte[16]));
        Assert.Throws<InvalidOperationException>(() => aead.Open(Nonce, Aad, new byte[16], []));
    }

    private protected Aead CreateKeyed()
    {
        Aead aead = new(CreateEngine());
        aead.SetKey(Key);
        return aead;
    }

    private static byte[] Seal(Aead aead, byte[] clear)
    {
        byte[] output = new byte[clear.Length + Aead.TagSize];
        aead.Seal(Nonce, Aad, clear, output);
        return output;
    }

    private static void AssertRefused(Aead aead, byte[] nonce, byte[] aad, byte[] ciphertext)
    {
        byte[] plaintext = [.. Enumerable.Repeat((byte)0xAA, ciphertext.Length - Aead.TagSize)];
        Assert.False(aead.Open(nonce, aad, ciphertext, plaintext));
        Assert.All(plaintext, value => Assert.Equal(0, value));
    }
}

using System.Security.Cryptography;

namespace ClawFS.Crypto.Tests;

public sealed class SecretKeyTests
{
    private static readonly byte[] Master = [.. Enumerable.Range(0x40, 32).Select(i => (byte)i)];

    [Fact]
    public void The_derivation_of_the_format_document_holds()
    {
        using SecretKey master = SecretKey.From(Master);
        using SecretKey derived = master.Derive([1, 2, 3, 4], "claw test");
        byte[] bytes = new byte[SecretKey.Size];
        derived.CopyTo(bytes);

        Assert.Equal("61bcd3a4043e3fcf4d1e0ebc90815d14e198cf9d54afc2912a4136a39f684aa6", Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Derivation_and_authentication_agree_with_the_platform()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        Span<byte> actual = stackalloc byte[SecretKey.Size];
        for (int round = 0; round < 200; round++)
        {
            byte[] key = new byte[SecretKey.Size];
            byte[] salt = new byte[random.Next(SecretKey.MaxContext + 1)];
            byte[] data = new byte[random.Next(1000)];
            random.NextBytes(key);
            random.NextBytes(salt);
            random.NextBytes(data);
            using SecretKey master = SecretKey.From(key);
            using SecretKey derived = master.Derive(salt, "claw");
            derived.CopyTo(actual);
            Assert.Equal(HKDF.Expand(HashAlgorithmName.SHA256, key, SecretKey.Size, [4, .. "claw"u8, .. salt]), actual);
            master.Authenticate(data, actual);
            Assert.Equal(HMACSHA256.HashData(key, data), actual);
        }
    }

    [Fact]
    public void Purpose_and_salt_do_not_run_into_each_other()
    {
        using SecretKey master = SecretKey.From(Master);
        using SecretKey one = master.Derive("b"u8, "a");
        using SecretKey two = master.Derive("ab");

        Assert.False(one.SameAs(two));
    }

    [Fact]
    public void A_context_keyed_in_place_is_the_context_of_the_derived_key()
    {
        using SecretKey master = SecretKey.From(Master);
        using SecretKey derived = master.Derive([7], "claw file");
        using Aead made = derived.CreateAead();
        using Aead target = new();
        master.DeriveInto([7], "claw file", target);
        byte[] output = new byte[3 + Aead.TagSize];
        byte[] opened = new byte[3];

        made.Seal(new byte[12], [], [1, 2, 3], output);
        Assert.True(target.Open(new byte[12], [], output, opened));
        Assert.Equal([1, 2, 3], opened);
    }

    [Fact]
    public void Random_keys_differ_and_equal_bytes_are_the_same_key()
    {
        using SecretKey a = SecretKey.Random();
        using SecretKey b = SecretKey.Random();
        using SecretKey c = SecretKey.From(Master);
        using SecretKey d = SecretKey.From(Master);

        Assert.False(a.SameAs(b));
        Assert.True(c.SameAs(d));
    }

    [Fact]
    public void Contexts_out_of_bounds_are_programming_errors()
    {
        using SecretKey key = SecretKey.Random();

        Assert.Throws<ArgumentException>(() => SecretKey.From(new byte[31]));
        Assert.Throws<ArgumentException>(() => key.Derive(""));
        Assert.Throws<ArgumentException>(() => key.Derive(new string('a', 65)));
        Assert.Throws<ArgumentOutOfRangeException>(() => key.Derive(new byte[65], "a"));
        key.Derive(new byte[64], new string('a', 64)).Dispose();
    }

    [Fact]
    public void A_disposed_key_derives_nothing()
    {
        SecretKey key = SecretKey.Random();
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => key.Derive("a"));
    }

    [Fact]
    public void A_key_does_not_print_itself()
    {
        using SecretKey key = SecretKey.From(Master);

        Assert.Equal(typeof(SecretKey).FullName, key.ToString());
    }
}

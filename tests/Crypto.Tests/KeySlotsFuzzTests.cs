using System.Buffers.Binary;

namespace ClawFS.Crypto.Tests;

/// <summary>Hostile claw.keys: always a KeyException, never a crash, never much memory.</summary>
public sealed class KeySlotsFuzzTests
{
    private const int MaxAllocated = 1 << 20;

    [Fact]
    public void Every_cut_is_damage()
    {
        using TempFolder temp = new();
        byte[] file = KeySlotsVector.Bytes;
        for (int length = 0; length < file.Length; length++)
            Assert.Equal(KeyError.Damaged, Refuse(temp, file[..length]));
        Assert.Equal(KeyError.Damaged, Refuse(temp, [.. file, 0]));
        Assert.Equal(KeyError.Damaged, Refuse(temp, new byte[10 << 20]));
    }

    [Fact]
    public void A_flipped_bit_in_any_byte_is_damage_or_a_newer_version()
    {
        using TempFolder temp = new();
        byte[] file = KeySlotsVector.Bytes;
        // All bits of the header, then one in each byte: the checksum finds any single one alike.
        for (int bit = 0; bit < file.Length * 8; bit += bit < SlotFormat.HeaderSize * 8 ? 1 : 9)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            KeyError error = Refuse(temp, file);
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            bool inVersion = bit / 8 is SlotFormat.VersionAt or SlotFormat.VersionAt + 1;
            Assert.True(error == KeyError.Damaged || (inVersion && error == KeyError.TooNew), $"bit {bit}: {error}");
        }
    }

    [Fact]
    public void Random_changes_behind_a_right_checksum_are_refused()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        using TempFolder temp = new();
        for (int round = 0; round < 3000; round++)
        {
            byte[] file = round % 2 == 0 ? Mutated(random) : Noise(random);
            if (file.Length >= 4)
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.Length - 4), Crc32C.Of(file.AsSpan(0, file.Length - 4)));
            Refuse(temp, file);
        }
    }

    private static byte[] Mutated(Random random)
    {
        byte[] file = KeySlotsVector.Bytes;
        for (int change = random.Next(1, 8); change > 0; change--)
            file[random.Next(file.Length - 4)] = (byte)random.Next(256);
        // So that the one set of changes in a million that changes nothing does not open.
        file[SlotFormat.StoreIdAt] = 0x80;
        return file;
    }

    private static byte[] Noise(Random random)
    {
        byte[] file = new byte[random.Next(2) == 0 ? SlotFormat.FileSize(random.Next(1, 33)) : random.Next(20_000)];
        random.NextBytes(file);
        if (file.Length >= SlotFormat.HeaderSize)
        {
            SlotFormat.Magic.CopyTo(file);
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(SlotFormat.VersionAt), 1);
            int slots = (file.Length - SlotFormat.FileSize(0)) / SlotFormat.SlotSize;
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(SlotFormat.CountAt), (ushort)Math.Max(slots, 0));
        }
        return file;
    }

    private static KeyError Refuse(TempFolder temp, byte[] file)
    {
        File.WriteAllBytes(temp["claw.keys"], file);
        using Credential key = KeySlotsVector.KeyFile;
        long before = GC.GetAllocatedBytesForCurrentThread();
        KeyException e = Assert.Throws<KeyException>(() => KeySlots.Load(temp.Store).Unlock(key));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        Assert.DoesNotContain('\n', e.Message);
        return e.Code;
    }
}

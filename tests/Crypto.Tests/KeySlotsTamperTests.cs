using System.Buffers.Binary;

namespace ClawFS.Crypto.Tests;

/// <summary>What somebody with the file, but without a key, may try; the checksum is put right each time, as they would.</summary>
public sealed class KeySlotsTamperTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly Credential key = KeySlotsVector.KeyFile;

    [Fact]
    public void A_slot_taken_out_is_noticed()
    {
        byte[] file = KeySlotsVector.Bytes;
        byte[] without = [.. file[..(SlotFormat.HeaderSize + SlotFormat.SlotSize)], .. file[(SlotFormat.HeaderSize + 2 * SlotFormat.SlotSize)..]];
        without[SlotFormat.CountAt] = 2;

        AssertRefused(without, KeyError.Damaged);
    }

    [Fact]
    public void A_slot_put_in_is_noticed()
    {
        byte[] file = KeySlotsVector.Bytes;
        int end = SlotFormat.HeaderSize + 3 * SlotFormat.SlotSize;
        byte[] with = [.. file[..end], .. file[(end - SlotFormat.SlotSize)..]];
        with[SlotFormat.CountAt] = 4;

        AssertRefused(with, KeyError.Damaged);
    }

    [Fact]
    public void A_slot_moved_to_another_store_opens_nothing()
    {
        byte[] file = KeySlotsVector.Bytes;
        file[SlotFormat.StoreIdAt] ^= 1;

        AssertRefused(file, KeyError.WrongKey);
    }

    [Theory]
    [InlineData(SlotFormat.IdAt)]
    [InlineData(SlotFormat.CreatedAt)]
    [InlineData(SlotFormat.SaltAt)]
    [InlineData(SlotFormat.NonceAt)]
    [InlineData(SlotFormat.LabelAt)]
    [InlineData(SlotFormat.WrappedAt)]
    public void A_changed_field_of_the_slot_opens_nothing(int field)
    {
        byte[] file = KeySlotsVector.Bytes;
        file[SlotFormat.HeaderSize + field] ^= 1;

        AssertRefused(file, KeyError.WrongKey);
    }

    [Theory]
    [InlineData(SlotFormat.ReservedAt)]
    [InlineData(SlotFormat.HeaderSize + SlotFormat.KindAt)]
    [InlineData(SlotFormat.HeaderSize + SlotFormat.KdfAt)]
    [InlineData(SlotFormat.HeaderSize + SlotFormat.LabelLengthAt)]
    [InlineData(SlotFormat.HeaderSize + SlotFormat.MemoryAt - 1)]
    [InlineData(SlotFormat.HeaderSize + SlotFormat.LabelAt - 1)]
    [InlineData(SlotFormat.HeaderSize + SlotFormat.CreatedAt + 7)]
    [InlineData(SlotFormat.HeaderSize + SlotFormat.WrappedAt - 1)]
    public void A_field_that_makes_no_sense_is_damage(int at)
    {
        byte[] file = KeySlotsVector.Bytes;
        file[at] = 0xFF;

        AssertRefused(file, KeyError.Damaged);
    }

    [Theory]
    [InlineData(1024 * 1024 + 1, 1)]
    [InlineData(7, 1)]
    [InlineData(-1, 1)]
    [InlineData(64, 17)]
    [InlineData(64, 0)]
    [InlineData(64, -1)]
    public void Effort_out_of_bounds_is_damage_and_never_spent(int memory, int passes)
    {
        byte[] file = KeySlotsVector.Bytes;
        Span<byte> slot = file.AsSpan(SlotFormat.HeaderSize + SlotFormat.SlotSize);
        BinaryPrimitives.WriteInt32LittleEndian(slot[SlotFormat.MemoryAt..], memory);
        BinaryPrimitives.WriteInt32LittleEndian(slot[SlotFormat.PassesAt..], passes);

        AssertRefused(file, KeyError.Damaged);
    }

    [Fact]
    public void A_newer_format_is_told_from_damage()
    {
        byte[] file = KeySlotsVector.Bytes;
        file[SlotFormat.VersionAt] = 2;
        // A newer format may keep its checksum elsewhere.
        File.WriteAllBytes(temp["claw.keys"], [.. file, 1, 2, 3]);

        KeyException e = Assert.Throws<KeyException>(() => KeySlots.Load(temp.Store));
        Assert.Equal(KeyError.TooNew, e.Code);
        Assert.Contains("format 2", e.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        key.Dispose();
        temp.Dispose();
    }

    private void AssertRefused(byte[] file, KeyError expected)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.Length - 4), Crc32C.Of(file.AsSpan(0, file.Length - 4)));
        File.WriteAllBytes(temp["claw.keys"], file);
        Assert.Equal(expected, Assert.Throws<KeyException>(() => KeySlots.Load(temp.Store).Unlock(key)).Code);
    }
}

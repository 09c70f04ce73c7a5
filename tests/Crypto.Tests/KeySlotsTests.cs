using System.Diagnostics;

namespace ClawFS.Crypto.Tests;

public sealed class KeySlotsTests : IDisposable
{
    private static readonly Guid StoreId = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
    private readonly TempFolder temp = new();
    private readonly Credential key = Credential.FromKey(new byte[32]);

    [Fact]
    public void The_first_credential_opens_the_new_store_again()
    {
        KeySlots.Create(temp.Store, StoreId, key, "key file", out SecretKey master);
        KeySlots loaded = KeySlots.Load(temp.Store);
        using SecretKey unlocked = loaded.Unlock(key);

        Assert.True(unlocked.SameAs(master));
        Assert.Equal(StoreId, loaded.StoreId);
        SlotInfo slot = Assert.Single(loaded.Slots);
        Assert.Equal((1, SlotKind.KeyFile, "key file"), (slot.Id, slot.Kind, slot.Label));
        Assert.InRange(slot.Created, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        master.Dispose();
    }

    [Fact]
    public void Wrong_key_is_refused_with_one_line()
    {
        KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        master.Dispose();
        using Credential other = Credential.FromKey([.. new byte[31], 1]);

        KeyException e = Assert.Throws<KeyException>(() => KeySlots.Load(temp.Store).Unlock(other));
        Assert.Equal(KeyError.WrongKey, e.Code);
        Assert.Equal($"wrong key: no slot of {temp.Path}/claw.keys opens with this key file", e.Message);
    }

    [Fact]
    public void Every_kind_of_credential_opens_its_own_slot()
    {
        KeySlots slots = KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        using Credential passphrase = Credential.FromPassphrase("correct horse battery staple");
        using Credential recovery = RecoveryCode.Parse(RecoveryCode.Generate());
        Assert.Equal(2, slots.Add(master, passphrase, "mine", TestCosts.Cheap));
        Assert.Equal(3, slots.Add(master, recovery, "paper"));

        KeySlots loaded = KeySlots.Load(temp.Store);
        foreach (Credential credential in new[] { key, passphrase, recovery })
        {
            using SecretKey unlocked = loaded.Unlock(credential);
            Assert.True(unlocked.SameAs(master));
        }
        using Credential wrong = Credential.FromPassphrase("correct horse battery stapl");
        Assert.EndsWith("opens with this passphrase", Assert.Throws<KeyException>(() => loaded.Unlock(wrong)).Message, StringComparison.Ordinal);
        master.Dispose();
    }

    [Fact]
    public void The_passphrase_of_everyday_use_costs_real_work()
    {
        using Credential passphrase = Credential.FromPassphrase("x");
        long started = Stopwatch.GetTimestamp();
        KeySlots.Create(temp.Store, StoreId, passphrase, "", out SecretKey master).Unlock(passphrase).Dispose();
        master.Dispose();

        // Two runs over 3 x 64 MiB; no machine writes 384 MiB with mixing in 40 ms on one core.
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public void A_removed_slot_opens_nothing_and_its_number_is_not_used_again()
    {
        KeySlots slots = KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        using Credential other = Credential.FromKey([.. new byte[31], 1]);
        int id = slots.Add(master, other, "old laptop");
        slots.Remove(master, id);

        Assert.Equal(KeyError.WrongKey, Assert.Throws<KeyException>(() => KeySlots.Load(temp.Store).Unlock(other)).Code);
        Assert.Equal(id + 1, KeySlots.Load(temp.Store).Add(master, other, "new laptop"));
        master.Dispose();
    }

    [Fact]
    public void The_last_slot_and_slots_that_are_not_there_stay()
    {
        KeySlots slots = KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);

        Assert.Equal(KeyError.Slot, Assert.Throws<KeyException>(() => slots.Remove(master, 1)).Code);
        Assert.Equal(KeyError.Slot, Assert.Throws<KeyException>(() => slots.Remove(master, 9)).Code);
        KeySlots.Load(temp.Store).Unlock(key).Dispose();
        master.Dispose();
    }

    [Fact]
    public void Only_the_master_key_changes_slots()
    {
        KeySlots slots = KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        master.Dispose();
        using SecretKey stranger = SecretKey.Random();

        Assert.Equal(KeyError.WrongKey, Assert.Throws<KeyException>(() => slots.Add(stranger, key, "")).Code);
        Assert.Equal(KeyError.WrongKey, Assert.Throws<KeyException>(() => slots.Remove(stranger, 1)).Code);
    }

    [Fact]
    public void There_is_room_for_32_slots()
    {
        KeySlots slots = KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        for (int i = 2; i <= 32; i++)
            slots.Add(master, key, $"slot {i}");

        Assert.Equal(KeyError.Slot, Assert.Throws<KeyException>(() => slots.Add(master, key, "")).Code);
        Assert.Equal(32, KeySlots.Load(temp.Store).Slots.Count);
        master.Dispose();
    }

    [Fact]
    public void A_label_holds_64_bytes_of_any_text()
    {
        KeySlots slots = KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        string longest = string.Concat(Enumerable.Repeat("日", 21)) + "x";
        slots.Add(master, key, longest);

        Assert.Equal(longest, KeySlots.Load(temp.Store).Slots[1].Label);
        Assert.Throws<ArgumentException>(() => slots.Add(master, key, longest + "x"));
        master.Dispose();
    }

    [Fact]
    public void A_store_with_slots_is_not_given_new_ones()
    {
        KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        master.Dispose();

        Assert.Equal(KeyError.Exists, Assert.Throws<KeyException>(() => KeySlots.Create(temp.Store, StoreId, key, "", out _)).Code);
        KeySlots.Load(temp.Store).Unlock(key).Dispose();
    }

    [Fact]
    public void A_folder_without_slots_says_so()
    {
        KeyException e = Assert.Throws<KeyException>(() => KeySlots.Load(temp.Store));

        Assert.Equal(KeyError.Missing, e.Code);
        Assert.StartsWith($"{temp.Path} has no claw.keys", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shredded_store_has_no_slots_left()
    {
        KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        master.Dispose();
        byte[] before = File.ReadAllBytes(temp["claw.keys"]);
        using FileStream open = File.OpenRead(temp["claw.keys"]);

        Assert.True(KeySlots.Shred(temp.Store));
        Assert.Empty(temp.Store.List());
        byte[] after = new byte[before.Length];
        open.ReadExactly(after);
        Assert.False(after.AsSpan().StartsWith("CLAWKEYS"u8));
        Assert.Equal(-1, after.AsSpan().IndexOf(before.AsSpan(32 + 120, 8)));
        Assert.False(KeySlots.Shred(temp.Store));
    }

    [Fact]
    public void What_a_removed_slot_held_is_overwritten_on_disk()
    {
        KeySlots slots = KeySlots.Create(temp.Store, StoreId, key, "", out SecretKey master);
        int id = slots.Add(master, key, "to be removed");
        using FileStream old = File.OpenRead(temp["claw.keys"]);
        slots.Remove(master, id);

        byte[] bytes = new byte[old.Length];
        old.ReadExactly(bytes);
        Assert.Equal(-1, bytes.AsSpan().IndexOf("to be removed"u8));
        master.Dispose();
    }

    public void Dispose()
    {
        key.Dispose();
        temp.Dispose();
    }
}

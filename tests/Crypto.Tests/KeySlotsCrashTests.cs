using ClawFS.Linux;

namespace ClawFS.Crypto.Tests;

/// <summary>A kill at any change on disk leaves slots that open.</summary>
public sealed class KeySlotsCrashTests
{
    private const int MoreThanAllChanges = 50;

    [Fact]
    public void Adding_a_slot_is_whole_or_not_at_all()
    {
        int survived = KillAtEveryChange((slots, master, key) => slots.Add(master, key, "second"), [1, 2]);

        Assert.InRange(survived, 5, MoreThanAllChanges);
    }

    [Fact]
    public void Removing_a_slot_is_whole_or_not_at_all()
    {
        int survived = KillAtEveryChange((slots, master, _) => slots.Remove(master, 2), [1, 2], startWithTwo: true);

        Assert.InRange(survived, 5, MoreThanAllChanges);
    }

    [Fact]
    public void A_store_whose_creation_was_killed_has_slots_that_open_or_none()
    {
        using Credential key = KeySlotsVector.KeyFile;
        bool died = true;
        for (int changes = 0; died; changes++)
        {
            using TempFolder temp = new();
            DyingFolder dying = new(temp.Store, changes);
            try
            {
                KeySlots.Create(dying, Guid.NewGuid(), key, "", out SecretKey master);
                master.Dispose();
            }
            catch (LinuxException)
            {
                Assert.True(dying.Died);
            }
            died = dying.Died;
            if (temp.Store.Exists("claw.keys"))
                KeySlots.Load(temp.Store).Unlock(key).Dispose();
            else
                KeySlots.Create(temp.Store, Guid.NewGuid(), key, "", out _).Unlock(key).Dispose();
        }
    }

    private static int KillAtEveryChange(Action<KeySlots, SecretKey, Credential> action, int[] slotCounts, bool startWithTwo = false)
    {
        using Credential key = KeySlotsVector.KeyFile;
        for (int changes = 0; changes < MoreThanAllChanges; changes++)
        {
            using TempFolder temp = new();
            KeySlots created = KeySlots.Create(temp.Store, Guid.NewGuid(), key, "", out SecretKey master);
            if (startWithTwo)
                created.Add(master, key, "second");
            DyingFolder dying = new(temp.Store, changes);
            try
            {
                action(KeySlots.Load(dying), master, key);
            }
            catch (LinuxException)
            {
                Assert.True(dying.Died);
            }
            KeySlots after = KeySlots.Load(temp.Store);
            using SecretKey unlocked = after.Unlock(key);
            Assert.True(unlocked.SameAs(master));
            Assert.Contains(after.Slots.Count, slotCounts);
            // The remains of the killed attempt are in nobody's way.
            after.Add(master, key, "later");
            master.Dispose();
            if (!dying.Died)
                return changes;
        }
        return MoreThanAllChanges + 1;
    }
}

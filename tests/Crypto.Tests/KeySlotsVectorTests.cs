namespace ClawFS.Crypto.Tests;

public sealed class KeySlotsVectorTests
{
    [Fact]
    public void The_file_of_the_format_document_opens_with_all_three_credentials()
    {
        using TempFolder temp = new();
        File.WriteAllBytes(temp["claw.keys"], KeySlotsVector.Bytes);
        KeySlots slots = KeySlots.Load(temp.Store);
        using SecretKey master = KeySlotsVector.Master;
        using Credential file = KeySlotsVector.KeyFile;
        using Credential passphrase = Credential.FromPassphrase("correct horse");
        using Credential recovery = RecoveryCode.Parse("000G4-0R40M-30E20-9185G-R38E1-W8124-GKWYQ");

        foreach (Credential credential in new[] { file, passphrase, recovery })
        {
            using SecretKey unlocked = slots.Unlock(credential);
            Assert.True(unlocked.SameAs(master));
        }
        Assert.Equal(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), slots.StoreId);
        Assert.Equal(
            [(1, SlotKind.KeyFile, "first key file"), (2, SlotKind.Passphrase, "Ünïcode"), (4, SlotKind.Recovery, "")],
            slots.Slots.Select(slot => (slot.Id, slot.Kind, slot.Label)));
        Assert.All(slots.Slots, slot => Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), slot.Created));
        Assert.Equal(5, slots.Add(master, file, "next"));
    }

    [Fact]
    public void Stored_numbers_never_change_meaning()
    {
        Assert.Equal(1, (int)SlotKind.KeyFile);
        Assert.Equal(2, (int)SlotKind.Passphrase);
        Assert.Equal(3, (int)SlotKind.Recovery);
        Assert.Equal(1, SlotKdf.Hkdf);
        Assert.Equal(2, SlotKdf.Argon2);
        Assert.Equal(1, SlotFormat.Version);
    }
}

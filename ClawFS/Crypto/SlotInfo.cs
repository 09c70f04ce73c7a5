namespace ClawFS.Crypto;

/// <summary>What opens a slot. The numbers are stored in claw.keys and never change meaning.</summary>
public enum SlotKind : byte
{
    /// <summary>A key file of 32 random bytes.</summary>
    KeyFile = 1,
    /// <summary>A passphrase, stretched by Argon2id.</summary>
    Passphrase = 2,
    /// <summary>The recovery code that the first `claw up` prints.</summary>
    Recovery = 3,
}

/// <summary>What `claw key list` shows of a slot: nothing secret.</summary>
/// <param name="Id">Number of the slot; never used again after it was removed.</param>
/// <param name="Kind">What opens it.</param>
/// <param name="Label">The owner's name for it, up to 64 bytes of UTF-8.</param>
/// <param name="Created">When it was added, to the second.</param>
public sealed record SlotInfo(int Id, SlotKind Kind, string Label, DateTimeOffset Created);

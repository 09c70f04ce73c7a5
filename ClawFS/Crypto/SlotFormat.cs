namespace ClawFS.Crypto;

/// <summary>Where the fields of claw.keys lie, in bytes; numbers are little-endian. docs/key-slots.md is the contract.</summary>
internal static class SlotFormat
{
    internal const ushort Version = 1;
    internal const int MaxSlots = 32;

    // The file: header, slots, MAC, checksum.
    internal const int HeaderSize = 32;
    internal const int SlotSize = 168;
    internal const int MacSize = 32;
    internal const int ChecksumSize = 4;
    internal const int MaxFile = HeaderSize + MaxSlots * SlotSize + MacSize + ChecksumSize;

    // The header. Its first bytes never change while the store lives, so each slot authenticates them.
    internal const int VersionAt = 8;
    internal const int ReservedAt = 10;
    internal const int StoreIdAt = 12;
    internal const int StableHeader = 28;
    internal const int CountAt = 28;
    internal const int NextIdAt = 30;

    // A slot. What lies before the wrapped key is its associated data.
    internal const int IdAt = 0;
    internal const int KindAt = 2;
    internal const int KdfAt = 3;
    internal const int LabelLengthAt = 4;
    internal const int MemoryAt = 8;
    internal const int PassesAt = 12;
    internal const int CreatedAt = 16;
    internal const int SaltAt = 24;
    internal const int NonceAt = 40;
    internal const int LabelAt = 56;
    internal const int WrappedAt = 120;

    internal const int SaltSize = 16;
    internal const int MaxLabel = 64;
    internal const int WrappedSize = SecretKey.Size + Aead.TagSize;

    internal static ReadOnlySpan<byte> Magic => "CLAWKEYS"u8;

    internal static int FileSize(int slots) => HeaderSize + slots * SlotSize + MacSize + ChecksumSize;
}

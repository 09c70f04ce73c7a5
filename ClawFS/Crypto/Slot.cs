using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using static ClawFS.Crypto.SlotFormat;

namespace ClawFS.Crypto;

/// <summary>One slot: the master key, wrapped under a key that a credential gives. Immutable; holds the bytes as stored.</summary>
internal sealed class Slot
{
    private readonly byte[] bytes;

    private Slot(byte[] bytes)
    {
        this.bytes = bytes;
        string label = Encoding.UTF8.GetString(bytes, LabelAt, bytes[LabelLengthAt]);
        Info = new SlotInfo(Id, Kind, label, DateTimeOffset.FromUnixTimeSeconds(SecondsOf(bytes)));
    }

    internal SlotInfo Info { get; }

    internal int Id => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(IdAt));

    internal SlotKind Kind => (SlotKind)bytes[KindAt];

    internal ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Reads a slot; null when the bytes are not one.</summary>
    internal static Slot? Parse(ReadOnlySpan<byte> stored)
    {
        SlotKind kind = (SlotKind)stored[KindAt];
        int label = stored[LabelLengthAt];
        bool valid = kind is SlotKind.KeyFile or SlotKind.Passphrase or SlotKind.Recovery
            && stored[KdfAt] == SlotKdf.For(kind)
            && (kind == SlotKind.Passphrase ? CostOf(stored).IsBounded : CostOf(stored) == default)
            && SecondsOf(stored) is >= 0 and <= 253_402_300_799 // the year 9999, where DateTimeOffset ends
            && label <= MaxLabel
            && Utf8.IsValid(stored.Slice(LabelAt, label))
            && !stored[(LabelAt + label)..WrappedAt].ContainsAnyExcept((byte)0)
            && !stored[(LabelLengthAt + 1)..MemoryAt].ContainsAnyExcept((byte)0)
            && !stored[(NonceAt + Aead.NonceSize)..LabelAt].ContainsAnyExcept((byte)0);
        return valid ? new Slot(stored.ToArray()) : null;
    }

    /// <summary>Wraps <paramref name="master"/> under a fresh salt and nonce.</summary>
    internal static Slot Wrap(SecretKey master, Credential credential, int id, string label, Argon2Cost cost, ReadOnlySpan<byte> stableHeader)
    {
        byte[] made = new byte[SlotSize];
        Span<byte> slot = made;
        BinaryPrimitives.WriteUInt16LittleEndian(slot[IdAt..], checked((ushort)id));
        slot[KindAt] = (byte)credential.Kind;
        slot[KdfAt] = SlotKdf.For(credential.Kind);
        if (credential.Kind == SlotKind.Passphrase)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(slot[MemoryAt..], cost.MemoryKib);
            BinaryPrimitives.WriteUInt32LittleEndian(slot[PassesAt..], cost.Passes);
        }
        BinaryPrimitives.WriteInt64LittleEndian(slot[CreatedAt..], DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(slot.Slice(SaltAt, SaltSize));
        RandomNumberGenerator.Fill(slot.Slice(NonceAt, Aead.NonceSize));
        if (!Encoding.UTF8.TryGetBytes(label, slot.Slice(LabelAt, MaxLabel), out int length))
            throw new ArgumentException($"a label has at most {MaxLabel} bytes", nameof(label));
        slot[LabelLengthAt] = (byte)length;
        using Aead aead = WrappingKey(credential, made);
        aead.Seal(slot.Slice(NonceAt, Aead.NonceSize), AssociatedData(stableHeader, slot), master.Bytes, slot[WrappedAt..]);
        return new Slot(made);
    }

    /// <summary>Unwraps the master key; null when the credential does not fit or the slot was changed.</summary>
    internal SecretKey? TryUnwrap(Credential credential, ReadOnlySpan<byte> stableHeader)
    {
        Span<byte> master = stackalloc byte[SecretKey.Size];
        using Aead aead = WrappingKey(credential, bytes);
        if (!aead.Open(bytes.AsSpan(NonceAt, Aead.NonceSize), AssociatedData(stableHeader, bytes), bytes.AsSpan(WrappedAt), master))
            return null;
        SecretKey key = SecretKey.From(master);
        CryptographicOperations.ZeroMemory(master);
        return key;
    }

    private static Aead WrappingKey(Credential credential, ReadOnlySpan<byte> slot)
    {
        Span<byte> key = stackalloc byte[SecretKey.Size];
        SlotKdf.Derive(credential, slot.Slice(SaltAt, SaltSize), CostOf(slot), key);
        Aead aead = new();
        aead.SetKey(key);
        CryptographicOperations.ZeroMemory(key);
        return aead;
    }

    private static byte[] AssociatedData(ReadOnlySpan<byte> stableHeader, ReadOnlySpan<byte> slot) => [.. stableHeader, .. slot[..WrappedAt]];

    private static Argon2Cost CostOf(ReadOnlySpan<byte> slot) =>
        new(BinaryPrimitives.ReadUInt32LittleEndian(slot[MemoryAt..]), BinaryPrimitives.ReadUInt32LittleEndian(slot[PassesAt..]));

    private static long SecondsOf(ReadOnlySpan<byte> slot) => BinaryPrimitives.ReadInt64LittleEndian(slot[CreatedAt..]);
}

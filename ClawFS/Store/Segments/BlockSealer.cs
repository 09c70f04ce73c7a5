using System.Buffers.Binary;
using ClawFS.Crypto;

namespace ClawFS.Store.Segments;

/// <summary>
/// Seals runs of file data as independent blocks: 4096 bytes of plaintext (the last may be shorter) become ciphertext and a 16-byte tag.
/// AES-256-GCM under the key of the file; nonce = segment salt (8) | offset in the segment (u32); associated data = store id (16) |
/// inode (u64) | block index (u64). A place in a segment is sealed at most once: whoever fails after sealing reserves a new one.
/// No member allocates.
/// </summary>
internal static class BlockSealer
{
    /// <summary>Plaintext bytes of a full block.</summary>
    public const int BlockSize = 4096;

    /// <summary>Bytes of a full sealed block: the distance between two blocks of a run.</summary>
    public const int Stride = BlockSize + Aead.TagSize;

    private const int AadSize = 32;

    /// <summary>Bytes that <paramref name="plaintextLength"/> bytes take when sealed.</summary>
    public static int SealedLength(int plaintextLength) =>
        plaintextLength + (plaintextLength + BlockSize - 1) / BlockSize * Aead.TagSize;

    /// <summary>Bytes that a sealed run of <paramref name="sealedLength"/> holds.</summary>
    public static int PlaintextLength(int sealedLength) =>
        sealedLength - (sealedLength + Stride - 1) / Stride * Aead.TagSize;

    /// <summary>Seals a run of blocks.</summary>
    /// <param name="key">The key of the file.</param>
    /// <param name="place">What the run is bound to.</param>
    /// <param name="plaintext">At least one byte; every block but the last is full.</param>
    /// <param name="output">Takes <see cref="SealedLength"/> bytes; must not overlap <paramref name="plaintext"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Seal(Aead key, in BlockPlace place, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> aad = stackalloc byte[AadSize];
        Bind(place, nonce, aad);
        int written = 0;
        for (int index = 0; !plaintext.IsEmpty; index++)
        {
            int length = Math.Min(BlockSize, plaintext.Length);
            Step(place, index, nonce, aad);
            key.Seal(nonce, aad, plaintext[..length], output.Slice(written, length + Aead.TagSize));
            plaintext = plaintext[length..];
            written += length + Aead.TagSize;
        }
        return written;
    }

    /// <summary>Opens a run of blocks.</summary>
    /// <param name="key">The key of the file.</param>
    /// <param name="place">What the run is bound to.</param>
    /// <param name="input">The sealed run, whole.</param>
    /// <param name="plaintext">Takes <see cref="PlaintextLength"/> bytes; must not overlap <paramref name="input"/>.</param>
    /// <param name="badBlock">Index in the file of the first block that is not authentic.</param>
    /// <returns>False if a block is not authentic; the bytes before it are valid, that block and the ones behind it are not.</returns>
    public static bool Open(Aead key, in BlockPlace place, ReadOnlySpan<byte> input, Span<byte> plaintext, out ulong badBlock)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> aad = stackalloc byte[AadSize];
        Bind(place, nonce, aad);
        for (int index = 0; !input.IsEmpty; index++)
        {
            int length = Math.Min(Stride, input.Length);
            Step(place, index, nonce, aad);
            if (length <= Aead.TagSize || !key.Open(nonce, aad, input[..length], plaintext[..(length - Aead.TagSize)]))
            {
                badBlock = place.Block + (ulong)index;
                return false;
            }
            input = input[length..];
            plaintext = plaintext[(length - Aead.TagSize)..];
        }
        badBlock = 0;
        return true;
    }

    private static void Bind(in BlockPlace place, Span<byte> nonce, Span<byte> aad)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, place.Salt);
        place.Store.TryWriteBytes(aad, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(aad[16..], place.Inode);
    }

    private static void Step(in BlockPlace place, int index, Span<byte> nonce, Span<byte> aad)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(nonce[8..], checked(place.Offset + (uint)index * Stride));
        BinaryPrimitives.WriteUInt64LittleEndian(aad[24..], place.Block + (ulong)index);
    }
}

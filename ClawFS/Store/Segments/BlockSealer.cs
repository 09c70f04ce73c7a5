using System.Buffers.Binary;
using ClawFS.Crypto;

namespace ClawFS.Store.Segments;

/// <summary>
/// Seals runs of file data as independent blocks: 4096 bytes of plaintext each (the last may be shorter) become as much ciphertext, and the tags of 16 bytes
/// stand behind the whole run, so that blocks can lie on the pages of the disk. AES-256-GCM under the key of the file; nonce = segment salt (8) | offset of the
/// block in the segment (u32); associated data = store id (16) | inode (u64) | block index (u64). A place in a segment is sealed at most once:
/// whoever fails after sealing reserves a new one. No member allocates.
/// </summary>
internal static class BlockSealer
{
    /// <summary>Plaintext bytes of a full block: the distance between two blocks of a run.</summary>
    public const int BlockSize = 4096;

    private const int AadSize = 32;

    /// <summary>Bytes that the tags of <paramref name="plaintextLength"/> bytes take.</summary>
    public static int TagsLength(int plaintextLength) => (plaintextLength + BlockSize - 1) / BlockSize * Aead.TagSize;

    /// <summary>Bytes that <paramref name="plaintextLength"/> bytes take when sealed.</summary>
    public static int SealedLength(int plaintextLength) => plaintextLength + TagsLength(plaintextLength);

    /// <summary>Seals a run of blocks.</summary>
    /// <param name="key">The key of the file.</param>
    /// <param name="place">What the run is bound to.</param>
    /// <param name="plaintext">At least one byte; every block but the last is full.</param>
    /// <param name="output">Takes <see cref="SealedLength"/> bytes: the blocks, then their tags; must not overlap <paramref name="plaintext"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Seal(Aead key, in BlockPlace place, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> aad = stackalloc byte[AadSize];
        Bind(place, nonce, aad);
        Span<byte> tags = output.Slice(plaintext.Length, TagsLength(plaintext.Length));
        for (int index = 0, at = 0; at < plaintext.Length; index++, at += BlockSize)
        {
            int length = Math.Min(BlockSize, plaintext.Length - at);
            Step(place, index, nonce, aad);
            key.Seal(nonce, aad, plaintext.Slice(at, length), output.Slice(at, length), tags.Slice(index * Aead.TagSize, Aead.TagSize));
        }
        return plaintext.Length + tags.Length;
    }

    /// <summary>Opens a run of blocks, or blocks that follow each other in one.</summary>
    /// <param name="key">The key of the file.</param>
    /// <param name="place">What the blocks are bound to.</param>
    /// <param name="ciphertext">The blocks.</param>
    /// <param name="tags">Their tags, <see cref="TagsLength"/> bytes.</param>
    /// <param name="plaintext">As many bytes as <paramref name="ciphertext"/>; must not overlap it.</param>
    /// <param name="badBlock">Index in the file of the first block that is not authentic.</param>
    /// <returns>False if a block is not authentic; the bytes before it are valid, that block and the ones behind it are not.</returns>
    public static bool Open(Aead key, in BlockPlace place, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tags, Span<byte> plaintext, out ulong badBlock)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> aad = stackalloc byte[AadSize];
        Bind(place, nonce, aad);
        for (int index = 0, at = 0; at < ciphertext.Length; index++, at += BlockSize)
        {
            int length = Math.Min(BlockSize, ciphertext.Length - at);
            Step(place, index, nonce, aad);
            if (!key.Open(nonce, aad, ciphertext.Slice(at, length), tags.Slice(index * Aead.TagSize, Aead.TagSize), plaintext.Slice(at, length)))
            {
                badBlock = place.Block + (ulong)index;
                return false;
            }
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
        BinaryPrimitives.WriteUInt32LittleEndian(nonce[8..], checked(place.Offset + (uint)index * BlockSize));
        BinaryPrimitives.WriteUInt64LittleEndian(aad[24..], place.Block + (ulong)index);
    }
}

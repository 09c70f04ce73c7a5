using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ClawFS.Search.Index;

/// <summary>
/// What a chunk is made of, as a number: the content of its file, its part of it, and the file's name. Two chunks of the same identity have the same vector under the same model, whatever their numbers are; numbers
/// change when the index is loaded, identities do not.
/// </summary>
internal static class ChunkIdentity
{
    private const int HashBytes = 32;

    /// <summary>The identity of a chunk; never 0.</summary>
    public static ulong Of(in ChunkPlace place)
    {
        IndexedFile file = place.File ?? throw new ArgumentException("The chunk has no file.", nameof(place));
        int nameBytes = Encoding.UTF8.GetMaxByteCount(file.Name.Length);
        Span<byte> made = nameBytes <= 1024 ? stackalloc byte[HashBytes + 12 + 1024] : new byte[HashBytes + 12 + nameBytes];
        made.Clear();
        file.Sha256.CopyTo(made);
        BinaryPrimitives.WriteInt64LittleEndian(made[HashBytes..], place.Chunk.Start);
        BinaryPrimitives.WriteInt32LittleEndian(made[(HashBytes + 8)..], place.Chunk.Length);
        int length = HashBytes + 12 + Encoding.UTF8.GetBytes(file.Name, made[(HashBytes + 12)..]);
        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(made[..length], hash);
        return Math.Max(1, BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }
}

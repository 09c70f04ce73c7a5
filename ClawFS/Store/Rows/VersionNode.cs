using System.Buffers.Binary;

namespace ClawFS.Store.Rows;

/// <summary>
/// One node of the freshness tree: the versions of 512 rows (level 0) or of 512 nodes of the level below; 0 = there is no such row. On disk: least
/// version (u64), width w (u8, 1..8), then 512 differences of w bytes each, plus one, 0 where there is no row. Versions of one epoch differ little, so
/// that a row takes about 2 KiB, not 4: half the bytes of every commit.
/// </summary>
internal sealed class VersionNode
{
    /// <summary>Children of a node.</summary>
    public const int Size = 1 << Bits;

    /// <summary>Bits of an id that one level resolves.</summary>
    public const int Bits = 9;

    /// <summary>Most levels.</summary>
    public const int MaxLevels = 6;

    /// <summary>Most bytes of an encoded node.</summary>
    public const int MaxEncoded = HeaderSize + Size * 8;

    private const int HeaderSize = 9;

    private readonly ulong[] versions;

    /// <summary>Takes a copy of <see cref="Size"/> versions.</summary>
    public VersionNode(ReadOnlySpan<ulong> versions)
    {
        this.versions = versions.ToArray();
    }

    /// <summary>The version of a child. Safe beside <see cref="Publish"/>: the old one or the new one.</summary>
    public ulong this[ulong child] => Volatile.Read(ref versions[child & (Size - 1)]);

    /// <summary>Copies all versions out. Only for the committing thread.</summary>
    public void CopyTo(Span<ulong> destination) => versions.CopyTo(destination);

    /// <summary>Takes over the versions that differ.</summary>
    public void Publish(ReadOnlySpan<ulong> changed)
    {
        for (int i = 0; i < Size; i++)
        {
            if (versions[i] != changed[i])
                Volatile.Write(ref versions[i], changed[i]);
        }
    }

    /// <summary>Encodes into <paramref name="output"/> (<see cref="MaxEncoded"/> bytes).</summary>
    /// <returns>Bytes written; 0 if all versions are 0 and there is nothing to store.</returns>
    public static int Encode(ReadOnlySpan<ulong> versions, Span<byte> output)
    {
        ulong least = ulong.MaxValue, most = 0;
        foreach (ulong version in versions)
        {
            if (version == 0)
                continue;
            least = Math.Min(least, version);
            most = Math.Max(most, version);
        }
        if (most == 0)
            return 0;
        int width = (64 - System.Numerics.BitOperations.LeadingZeroCount(most - least + 1) + 7) / 8;
        BinaryPrimitives.WriteUInt64LittleEndian(output, least);
        output[8] = (byte)width;
        Span<byte> entry = stackalloc byte[8];
        for (int i = 0; i < Size; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(entry, versions[i] == 0 ? 0 : versions[i] - least + 1);
            entry[..width].CopyTo(output[(HeaderSize + i * width)..]);
        }
        return HeaderSize + Size * width;
    }

    /// <summary>Decodes into <see cref="Size"/> versions; false if the bytes are no node.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> input, Span<ulong> versions)
    {
        if (input.Length < HeaderSize)
            return false;
        ulong least = BinaryPrimitives.ReadUInt64LittleEndian(input);
        int width = input[8];
        if (width is < 1 or > 8 || input.Length != HeaderSize + Size * width)
            return false;
        Span<byte> entry = stackalloc byte[8];
        entry.Clear();
        for (int i = 0; i < Size; i++)
        {
            input.Slice(HeaderSize + i * width, width).CopyTo(entry);
            ulong difference = BinaryPrimitives.ReadUInt64LittleEndian(entry);
            versions[i] = difference == 0 ? 0 : least + difference - 1;
        }
        return true;
    }
}

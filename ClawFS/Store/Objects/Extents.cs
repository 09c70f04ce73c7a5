using System.Buffers.Binary;
using ClawFS.Linux;

namespace ClawFS.Store.Objects;

/// <summary>
/// A run of blocks of a file that stand one behind the other in a segment, each sealed by itself. All but the last hold 4096 bytes; the last
/// may be shorter (the end of the file when it was written), and what it lacks reads as zeros.
/// </summary>
internal readonly record struct Extent(ulong Block, uint Count, ulong Segment, uint Offset, ushort LastLength)
{
    public const int BlockSize = 4096;
    public const int SealedBlock = BlockSize + 16;

    public ulong End => Block + Count;
    public int SealedBytes => checked((int)(Count - 1) * SealedBlock + LastLength + 16);

    /// <summary>The part of the extent in [from, to); both inside it and not empty.</summary>
    public Extent Slice(ulong from, ulong to) =>
        new(from, (uint)(to - from), Segment, (uint)(Offset + (from - Block) * SealedBlock), to == End ? LastLength : (ushort)BlockSize);
}

/// <summary>
/// The extents of a file over its map, keyed by first block, never overlapping. Precondition of all: the inode's lock. Calls report what becomes alive
/// and dead in which segment to the <see cref="SegmentTable"/>.
/// </summary>
internal static class Extents
{
    private const int ValueSize = 18;

    /// <summary>The first extent that ends behind <paramref name="block"/> (it may begin after it).</summary>
    public static bool TryFrom(Inode inode, ulong block, out Extent extent)
    {
        if (inode.Map.TryAtMost(block, out ulong key, out ReadOnlySpan<byte> value))
        {
            extent = Decode(inode, key, value);
            if (extent.End > block)
            {
                return true;
            }
        }
        if (inode.Map.TryAtLeast(block, out key, out value))
        {
            extent = Decode(inode, key, value);
            return true;
        }
        extent = default;
        return false;
    }

    /// <summary>Loads every page that a change of [from, to) touches, so that damage shows before the journal has the change.</summary>
    public static void Prepare(Inode inode, ulong from, ulong to)
    {
        inode.Map.TryAtMost(from, out _, out _);
        for (ulong at = from; TryFrom(inode, at, out Extent extent) && extent.Block < to; at = extent.End)
        {
        }
    }

    /// <summary>Removes what lies in [from, to).</summary>
    /// <param name="inode">The file.</param>
    /// <param name="from">First block.</param>
    /// <param name="to">The block behind the last.</param>
    /// <param name="account">Told what dies; null for repair, which counts anew afterwards.</param>
    public static void Cut(Inode inode, ulong from, ulong to, SegmentTable? account)
    {
        while (TryFrom(inode, from, out Extent extent) && extent.Block < to)
        {
            ulong first = Math.Max(from, extent.Block);
            ulong last = Math.Min(to, extent.End);
            Extent gone = extent.Slice(first, last);
            inode.Map.Remove(extent.Block);
            if (extent.Block < first)
            {
                Put(inode, extent.Slice(extent.Block, first));
            }
            if (last < extent.End)
            {
                Put(inode, extent.Slice(last, extent.End));
            }
            inode.StoredBlocks -= gone.Count;
            account?.Died(gone);
            from = last;
        }
    }

    /// <summary>Puts an extent where nothing is, joining it to its predecessor when both the file and the segment go on without a gap.</summary>
    public static void Insert(Inode inode, in Extent extent, SegmentTable account)
    {
        inode.StoredBlocks += extent.Count;
        account.Born(inode.Id, extent);
        if (extent.Block > 0 && inode.Map.TryAtMost(extent.Block - 1, out ulong key, out ReadOnlySpan<byte> value))
        {
            Extent before = Decode(inode, key, value);
            if (before.End == extent.Block && before.Segment == extent.Segment && before.LastLength == Extent.BlockSize
                && before.Offset + (ulong)before.SealedBytes == extent.Offset)
            {
                Put(inode, before with { Count = before.Count + extent.Count, LastLength = extent.LastLength });
                return;
            }
        }
        Put(inode, extent);
    }

    private static void Put(Inode inode, in Extent extent)
    {
        Span<byte> value = stackalloc byte[ValueSize];
        BinaryPrimitives.WriteUInt32LittleEndian(value, extent.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(value[4..], extent.Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(value[12..], extent.Offset);
        BinaryPrimitives.WriteUInt16LittleEndian(value[16..], extent.LastLength);
        inode.Map.Set(extent.Block, value);
    }

    /// <summary>Takes an entry apart; false if it is malformed.</summary>
    public static bool TryDecode(ulong key, ReadOnlySpan<byte> value, out Extent extent)
    {
        extent = default;
        if (value.Length != ValueSize)
        {
            return false;
        }
        extent = new Extent(key, BinaryPrimitives.ReadUInt32LittleEndian(value), BinaryPrimitives.ReadUInt64LittleEndian(value[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(value[12..]), BinaryPrimitives.ReadUInt16LittleEndian(value[16..]));
        return extent.Count is > 0 and < 1 << 18 && extent.LastLength is > 0 and <= Extent.BlockSize && key <= ulong.MaxValue - extent.Count;
    }

    private static Extent Decode(Inode inode, ulong key, ReadOnlySpan<byte> value) =>
        TryDecode(key, value, out Extent extent) ? extent : throw new StoreException(Errno.EIO, $"inode {inode.Id} has a malformed extent");
}

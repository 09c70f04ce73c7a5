using System.Buffers.Binary;
using ClawFS.Linux;

namespace ClawFS.Store.Objects;

/// <summary>
/// A run of blocks of a file, or a part of one, each sealed by itself. The blocks stand one behind the other in a segment, and so do their tags, at another
/// place. All blocks but the last hold 4096 bytes; the last may be shorter (the end of the file when it was written), and what it lacks reads as zeros.
/// </summary>
/// <param name="Block">Index of the first block in the file.</param>
/// <param name="Count">Number of blocks.</param>
/// <param name="Segment">Where they are.</param>
/// <param name="Offset">Where the first block starts in the segment.</param>
/// <param name="Tags">Where its tag starts.</param>
/// <param name="LastLength">Bytes of the last block.</param>
internal readonly record struct Extent(ulong Block, uint Count, ulong Segment, uint Offset, uint Tags, ushort LastLength)
{
    public const int BlockSize = 4096;
    public const int TagSize = 16;

    public ulong End => Block + Count;
    public int DataBytes => checked((int)(Count - 1) * BlockSize + LastLength);
    public int TagBytes => checked((int)Count * TagSize);
    public int SealedBytes => DataBytes + TagBytes;

    /// <summary>Whether the tags stand so close behind the blocks that both are best read in one call.</summary>
    public bool HasTagsNear => Tags >= Offset + (long)DataBytes && Tags - (Offset + (long)DataBytes) <= BlockSize;

    /// <summary>Whether the tags follow the blocks, as they do in a run that is whole: then one range of the segment holds everything.</summary>
    public bool IsWhole => Tags == Offset + (long)DataBytes;

    /// <summary>The part of the extent in [from, to); both inside it and not empty.</summary>
    public Extent Slice(ulong from, ulong to) =>
        new(from, (uint)(to - from), Segment, (uint)(Offset + (from - Block) * BlockSize), (uint)(Tags + (from - Block) * TagSize), to == End ? LastLength : (ushort)BlockSize);
}

/// <summary>
/// The extents of a file over its map, keyed by first block, never overlapping. Precondition of all: the inode's lock. Calls report what becomes alive
/// and dead in which segment to the <see cref="SegmentTable"/>.
/// </summary>
internal static class Extents
{
    private const int ValueSize = 22;

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

    /// <summary>Puts an extent where nothing is. Each stays by itself: between two runs lie the tags of the first.</summary>
    public static void Insert(Inode inode, in Extent extent, SegmentTable account)
    {
        inode.StoredBlocks += extent.Count;
        account.Born(inode.Id, extent);
        Put(inode, extent);
    }

    private static void Put(Inode inode, in Extent extent)
    {
        Span<byte> value = stackalloc byte[ValueSize];
        BinaryPrimitives.WriteUInt32LittleEndian(value, extent.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(value[4..], extent.Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(value[12..], extent.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(value[16..], extent.Tags);
        BinaryPrimitives.WriteUInt16LittleEndian(value[20..], extent.LastLength);
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
            BinaryPrimitives.ReadUInt32LittleEndian(value[12..]), BinaryPrimitives.ReadUInt32LittleEndian(value[16..]),
            BinaryPrimitives.ReadUInt16LittleEndian(value[20..]));
        return extent.Count is > 0 and < 1 << 18 && extent.LastLength is > 0 and <= Extent.BlockSize && key <= ulong.MaxValue - extent.Count;
    }

    private static Extent Decode(Inode inode, ulong key, ReadOnlySpan<byte> value) =>
        TryDecode(key, value, out Extent extent) ? extent : throw new StoreException(Errno.EIO, $"inode {inode.Id} has a malformed extent");
}

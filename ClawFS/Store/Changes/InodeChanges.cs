using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store.Changes;

/// <summary>Mode, owner and times of an inode as they are after the change: all of them, so that applying twice changes nothing.</summary>
internal readonly record struct AttributesChange(ulong Inode, uint Mode, uint Uid, uint Gid, Timestamp Atime, Timestamp Mtime, Timestamp Ctime)
{
    public static AttributesChange Of(Inode inode) => new(inode.Id, inode.Mode, inode.Uid, inode.Gid, inode.Atime, inode.Mtime, inode.Ctime);

    public void Encode(SpanWriter to)
    {
        to.U64(Inode);
        to.U32(Mode);
        to.U32(Uid);
        to.U32(Gid);
        to.Time(Atime);
        to.Time(Mtime);
        to.Time(Ctime);
    }

    public static AttributesChange Decode(ref SpanReader from) => new(from.U64(), from.U32(), from.U32(), from.U32(), from.Time(), from.Time(), from.Time());
}

/// <summary>
/// Content of a file: first the blocks in [<see cref="CutFrom"/>, <see cref="CutTo"/>) go, then each extent replaces what stood at its blocks, then size
/// and times are set.
/// </summary>
internal readonly ref struct DataChange
{
    public const int MaxExtents = 256;

    public required ulong Inode { get; init; }
    public ulong CutFrom { get; init; }
    public ulong CutTo { get; init; }
    public required ulong Size { get; init; }
    public required uint Mode { get; init; }
    public required Timestamp Mtime { get; init; }
    public required Timestamp Ctime { get; init; }
    public ReadOnlySpan<Extent> Extents { get; init; }

    public void Encode(SpanWriter to)
    {
        to.U64(Inode);
        to.U64(CutFrom);
        to.U64(CutTo);
        to.U64(Size);
        to.U32(Mode);
        to.Time(Mtime);
        to.Time(Ctime);
        to.U16((ushort)Extents.Length);
        foreach (ref readonly Extent extent in Extents)
        {
            to.U64(extent.Block);
            to.U32(extent.Count);
            to.U64(extent.Segment);
            to.U32(extent.Offset);
            to.U32(extent.Tags);
            to.U16(extent.LastLength);
        }
    }

    /// <param name="from">The record.</param>
    /// <param name="extents">Room for <see cref="MaxExtents"/>.</param>
    public static DataChange Decode(ref SpanReader from, Span<Extent> extents)
    {
        ulong inode = from.U64(), cutFrom = from.U64(), cutTo = from.U64(), size = from.U64();
        uint mode = from.U32();
        Timestamp mtime = from.Time(), ctime = from.Time();
        int count = from.U16();
        if (count > extents.Length)
        {
            throw new StoreException(Errno.EIO, "a journal record has too many extents");
        }
        for (int i = 0; i < count; i++)
        {
            extents[i] = new Extent(from.U64(), from.U32(), from.U64(), from.U32(), from.U32(), from.U16());
        }
        return new() { Inode = inode, CutFrom = cutFrom, CutTo = cutTo, Size = size, Mode = mode, Mtime = mtime, Ctime = ctime, Extents = extents[..count] };
    }
}

/// <summary>An extended attribute; a null-like removal is <see cref="Remove"/>.</summary>
internal readonly ref struct XattrChange
{
    public required ulong Inode { get; init; }
    public required bool Remove { get; init; }
    public required Timestamp Time { get; init; }
    public required ReadOnlySpan<byte> Name { get; init; }
    public ReadOnlySpan<byte> Value { get; init; }

    public void Encode(SpanWriter to)
    {
        to.U64(Inode);
        to.Byte(Remove ? (byte)1 : (byte)0);
        to.Time(Time);
        to.Block(Name);
        to.Block(Value);
    }

    public static XattrChange Decode(ref SpanReader from) => new()
    {
        Inode = from.U64(),
        Remove = from.Byte() != 0,
        Time = from.Time(),
        Name = from.Block(),
        Value = from.Block(),
    };
}

using System.Buffers.Binary;
using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Objects;

/// <summary>
/// What the store knows about one segment: how much of it is alive, and which file each run of blocks was written for. The salt is kept here too, so
/// that a segment file exchanged for another is noticed. The row id is the segment's number.
/// </summary>
internal sealed class SegmentRecord(ulong id, IPageSource source) : StoredObject(id)
{
    private const int RunSize = 20;

    private readonly PagedMap runs = new(source);

    /// <summary>0 = unknown.</summary>
    public ulong Salt;
    /// <summary>Sealed bytes written: named by an extent at some time, or copies of the cleaner that came too late.</summary>
    public long Written;
    /// <summary>Sealed bytes that an extent still names.</summary>
    public long Live;
    /// <summary>Nothing alive and not the active one: the file goes with the commit.</summary>
    public bool Purged;

    /// <summary>Notes that blocks were written at an offset, for the cleaner.</summary>
    public void AddRun(uint offset, ulong inode, ulong block, uint count)
    {
        Span<byte> value = stackalloc byte[RunSize];
        BinaryPrimitives.WriteUInt64LittleEndian(value, inode);
        BinaryPrimitives.WriteUInt64LittleEndian(value[8..], block);
        BinaryPrimitives.WriteUInt32LittleEndian(value[16..], count);
        runs.Set(offset, value);
    }

    /// <summary>The next run at or behind an offset.</summary>
    public bool TryNextRun(uint from, out uint offset, out ulong inode, out ulong block, out uint count)
    {
        if (runs.TryAtLeast(from, out ulong key, out ReadOnlySpan<byte> value) && value.Length == RunSize)
        {
            offset = (uint)key;
            inode = BinaryPrimitives.ReadUInt64LittleEndian(value);
            block = BinaryPrimitives.ReadUInt64LittleEndian(value[8..]);
            count = BinaryPrimitives.ReadUInt32LittleEndian(value[16..]);
            return true;
        }
        offset = count = 0;
        inode = block = 0;
        return false;
    }

    /// <summary>The runs, for fsck.</summary>
    public PagedMap Map => runs;

    public override void Snapshot(RowBatch batch, SpanWriter scratch)
    {
        if (Purged)
        {
            runs.Clear();
        }
        scratch.Reset();
        scratch.Byte(1);
        scratch.U64(Salt);
        scratch.I64(Written);
        scratch.I64(Live);
        runs.Snapshot(batch, scratch);
        if (Purged)
        {
            batch.Delete(Id);
        }
        else
        {
            batch.Put(Id, RowKind.Segment, scratch.Written);
        }
    }

    public static SegmentRecord Parse(ulong id, ReadOnlySpan<byte> row, IPageSource source)
    {
        var reader = new SpanReader(row);
        if (reader.Byte() != 1)
        {
            throw new StoreException(Errno.EIO, $"segment record {id} has an unknown form");
        }
        var record = new SegmentRecord(id, source) { Salt = reader.U64(), Written = reader.I64(), Live = reader.I64() };
        record.runs.Load(ref reader);
        return record;
    }
}

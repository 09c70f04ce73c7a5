using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Objects;

/// <summary>A persistent set of numbers: the orphans (inodes without a name that somebody still holds), the segments.</summary>
internal sealed class StoredSet(ulong id, IPageSource source) : StoredObject(id)
{
    private readonly PagedMap map = new(source);

    public void Add(ulong member) => map.Set(member, default);
    public bool Remove(ulong member) => map.Remove(member);
    public bool Contains(ulong member) => map.TryAtLeast(member, out ulong found, out _) && found == member;

    /// <summary>The members in ascending order, as a copy.</summary>
    public List<ulong> Members()
    {
        var members = new List<ulong>();
        for (ulong at = 0; map.TryAtLeast(at, out ulong found, out _); at = found + 1)
        {
            members.Add(found);
        }
        return members;
    }

    /// <summary>The members as keys of a map, for fsck.</summary>
    public PagedMap Map => map;

    public override void Snapshot(RowBatch batch, SpanWriter scratch)
    {
        scratch.Reset();
        scratch.Byte(1);
        map.Snapshot(batch, scratch);
        batch.Put(Id, RowKind.System, scratch.Written);
    }

    public static StoredSet Parse(ulong id, ReadOnlySpan<byte> row, IPageSource source)
    {
        var reader = new SpanReader(row);
        if (reader.Byte() != 1)
        {
            throw new StoreException(Errno.EIO, $"set {id} has an unknown form");
        }
        var set = new StoredSet(id, source);
        set.map.Load(ref reader);
        return set;
    }
}

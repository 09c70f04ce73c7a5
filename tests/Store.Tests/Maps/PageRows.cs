using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Maps;

/// <summary>Rows in a dictionary, as a map writes and reads them.</summary>
internal sealed class PageRows : IPageSource
{
    private ulong next = 100;

    public Dictionary<ulong, byte[]> Rows { get; } = [];

    public ulong NewRowId() => next++;

    public MapPage ReadPage(ulong rowId) =>
        Rows.TryGetValue(rowId, out byte[]? bytes) && MapPage.TryParse(rowId, bytes, out MapPage page)
            ? page
            : throw new StoreException(Errno.EIO, $"page {rowId}");

    public byte[] ReadIndex(ulong rowId) => Rows.TryGetValue(rowId, out byte[]? bytes) ? bytes : throw new StoreException(Errno.EIO, $"index {rowId}");

    /// <summary>Saves a map, and returns what stands in its owner's row.</summary>
    public byte[] Save(PagedMap map)
    {
        var batch = new RowBatch();
        var owner = new SpanWriter(64);
        map.Snapshot(batch, owner);
        foreach (ulong id in batch.SortedIds())
        {
            RowBatch.Change change = batch[id];
            if (change.IsDelete)
            {
                Rows.Remove(id);
            }
            else
            {
                Rows[id] = batch.PlaintextOf(change).ToArray();
            }
        }
        return owner.Written.ToArray();
    }

    public PagedMap Load(byte[] owner)
    {
        var map = new PagedMap(this);
        var reader = new SpanReader(owner);
        map.Load(ref reader);
        Assert.Equal(0, reader.Left);
        return map;
    }
}

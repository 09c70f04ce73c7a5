using System.Buffers.Binary;
using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Maps;

/// <summary>
/// A sorted map from u64 to short values (at most 1 KiB), kept in page rows: folders (hash of the name to inode), extents (first block to place),
/// segment maps. A small map lives in its owner's row; a larger one has one page a row and an index of (first key, row) in the
/// owner's row, or in an index row of its own above <see cref="IndexInOwner"/> pages. Pages load when first touched.
/// Not thread-safe: the owner's lock covers it.
/// </summary>
internal sealed class PagedMap
{
    public const int InlineCapacity = 1536;
    public const int IndexInOwner = 48;
    private const byte FormInline = 0, FormPages = 1, FormIndexRow = 2;

    private readonly IPageSource source;
    private readonly List<ulong> firstKeys = [];
    private readonly List<ulong> rowIds = [];
    private readonly List<MapPage?> pages = [];
    private readonly List<ulong> removedRows = [];
    private ulong indexRow;
    private bool indexDirty;

    public PagedMap(IPageSource source) => this.source = source;

    /// <summary>Number of pages; 0 for an empty map that never had an entry.</summary>
    public int PageCount => pages.Count;

    public bool IsEmpty => pages.Count == 0;

    /// <summary>The first entry with a key of at least <paramref name="key"/>. The value is valid until the next change.</summary>
    public bool TryAtLeast(ulong key, out ulong found, out ReadOnlySpan<byte> value)
    {
        for (int i = Math.Max(PageOf(key), 0); i < pages.Count; i++)
        {
            MapPage page = Load(i);
            int at = page.AtLeast(key);
            if (at < page.Used)
            {
                found = page.KeyAt(at);
                value = page.ValueAt(at);
                return true;
            }
        }
        found = 0;
        value = default;
        return false;
    }

    /// <summary>The last entry with a key of at most <paramref name="key"/>.</summary>
    public bool TryAtMost(ulong key, out ulong found, out ReadOnlySpan<byte> value)
    {
        // The first keys of the index may be gone from their pages: then the entry stands in a page before.
        for (int i = PageOf(key); i >= 0; i--)
        {
            MapPage page = Load(i);
            int at = page.AtMost(key);
            if (at >= 0)
            {
                found = page.KeyAt(at);
                value = page.ValueAt(at);
                return true;
            }
        }
        found = 0;
        value = default;
        return false;
    }

    /// <summary>Inserts or overwrites.</summary>
    public void Set(ulong key, ReadOnlySpan<byte> value)
    {
        int i = PageOf(key);
        if (i < 0)
        {
            i = 0;
            if (pages.Count == 0)
            {
                AddPage(0, key, new MapPage(0, 64));
            }
            else
            {
                firstKeys[0] = key;
                indexDirty = true;
            }
        }
        MapPage page = Load(i);
        int at = page.AtLeast(key);
        if (at < page.Used && page.KeyAt(at) == key)
        {
            if (page.TryReplaceAt(at, value))
            {
                page.Dirty = true;
                return;
            }
            page.RemoveAt(at);
        }
        if (!page.Fits(value.Length))
        {
            MapPage right = page.Split(source.NewRowId(), key);
            right.Dirty = true;
            Externalise(page);
            page.Dirty = true;
            AddPage(i + 1, right.Used > 0 ? right.FirstKey : key, right);
            if (key >= firstKeys[i + 1])
            {
                page = right;
            }
            at = page.AtLeast(key);
        }
        page.InsertAt(at, key, value);
        page.Dirty = true;
        if (page.RowId == 0 && page.Used > InlineCapacity)
        {
            Externalise(page);
        }
    }

    /// <summary>Removes a key; false if it is not there.</summary>
    public bool Remove(ulong key)
    {
        int i = PageOf(key);
        if (i < 0)
        {
            return false;
        }
        MapPage page = Load(i);
        int at = page.AtLeast(key);
        if (at >= page.Used || page.KeyAt(at) != key)
        {
            return false;
        }
        page.RemoveAt(at);
        page.Dirty = true;
        if (page.Used == 0)
        {
            if (page.RowId != 0)
            {
                removedRows.Add(page.RowId);
            }
            firstKeys.RemoveAt(i);
            rowIds.RemoveAt(i);
            pages.RemoveAt(i);
            indexDirty = true;
        }
        return true;
    }

    /// <summary>Gives up every row of the map; the rows go with the next snapshot.</summary>
    public void Clear()
    {
        foreach (ulong row in rowIds)
        {
            if (row != 0)
            {
                removedRows.Add(row);
            }
        }
        firstKeys.Clear();
        rowIds.Clear();
        pages.Clear();
        indexDirty = true;
    }

    /// <summary>Lets go of clean pages that have rows of their own. Only when those rows are committed.</summary>
    public void TrimClean()
    {
        for (int i = 0; i < pages.Count; i++)
        {
            if (pages[i] is { Dirty: false, RowId: not 0 })
            {
                pages[i] = null;
            }
        }
    }

    /// <summary>The first key of the page behind the one where a search for <paramref name="key"/> begins, for passing over a damaged page.</summary>
    public bool TryNextPage(ulong key, out ulong first)
    {
        int next = Math.Max(PageOf(key), 0) + 1;
        first = next < pages.Count ? firstKeys[next] : 0;
        return next < pages.Count;
    }

    /// <summary>Gives up pages that cannot be read; what is in memory but damaged on the disk is saved again by the next snapshot. For repair.</summary>
    /// <param name="damaged">Rows that cannot be opened.</param>
    /// <returns>For each page given up, its first key and the one behind its last possible key.</returns>
    public List<(ulong From, ulong To)> Mend(IReadOnlySet<ulong> damaged)
    {
        var lost = new List<(ulong From, ulong To)>();
        indexDirty |= damaged.Contains(indexRow);
        for (int i = pages.Count - 1; i >= 0; i--)
        {
            try
            {
                MapPage page = Load(i);
                page.Dirty |= page.RowId != 0 && damaged.Contains(page.RowId);
            }
            catch (StoreException e) when (e.Error == Errno.EIO)
            {
                lost.Add((firstKeys[i], i + 1 < pages.Count ? firstKeys[i + 1] : ulong.MaxValue));
                removedRows.Add(rowIds[i]);
                firstKeys.RemoveAt(i);
                rowIds.RemoveAt(i);
                pages.RemoveAt(i);
                indexDirty = true;
            }
        }
        return lost;
    }

    /// <summary>All rows the map owns, for fsck.</summary>
    public IEnumerable<ulong> OwnedRows()
    {
        foreach (ulong row in rowIds)
        {
            if (row != 0)
            {
                yield return row;
            }
        }
        if (indexRow != 0)
        {
            yield return indexRow;
        }
    }

    /// <summary>Puts the changed rows into a batch and appends what belongs into the owner's row. Marks everything clean.</summary>
    public void Snapshot(RowBatch batch, SpanWriter owner)
    {
        for (int i = 0; i < pages.Count; i++)
        {
            if (pages[i] is { Dirty: true } page)
            {
                if (page.RowId != 0)
                {
                    batch.Put(page.RowId, RowKind.TreeLeaf, page.Bytes);
                }
                page.Dirty = false;
            }
        }
        foreach (ulong row in removedRows)
        {
            batch.Delete(row);
        }
        removedRows.Clear();
        if (pages.Count == 0 || rowIds[0] == 0)
        {
            DropIndexRow(batch);
            owner.Byte(FormInline);
            owner.Block(pages.Count == 0 ? default : pages[0]!.Bytes);
        }
        else if (pages.Count <= IndexInOwner)
        {
            DropIndexRow(batch);
            owner.Byte(FormPages);
            WriteIndex(owner);
        }
        else
        {
            if (indexRow == 0)
            {
                indexRow = source.NewRowId();
                indexDirty = true;
            }
            if (indexDirty)
            {
                var index = new SpanWriter(8 + pages.Count * 16);
                WriteIndex(index);
                batch.Put(indexRow, RowKind.TreeIndex, index.Written);
            }
            owner.Byte(FormIndexRow);
            owner.U64(indexRow);
        }
        indexDirty = false;
    }

    /// <summary>Reads what <see cref="Snapshot"/> wrote into the owner's row.</summary>
    public void Load(ref SpanReader owner)
    {
        switch (owner.Byte())
        {
            case FormInline:
                ReadOnlySpan<byte> bytes = owner.Block();
                if (bytes.Length > 0)
                {
                    if (!MapPage.TryParse(0, bytes, out MapPage page))
                    {
                        throw new StoreException(Errno.EIO, "an inline map is malformed");
                    }
                    AddPage(0, page.FirstKey, page);
                }
                break;
            case FormPages:
                ReadIndex(ref owner);
                break;
            case FormIndexRow:
                indexRow = owner.U64();
                var reader = new SpanReader(source.ReadIndex(indexRow));
                ReadIndex(ref reader);
                break;
            default:
                throw new StoreException(Errno.EIO, "a map has an unknown form");
        }
        indexDirty = false;
    }

    private void WriteIndex(SpanWriter to)
    {
        to.U32((uint)pages.Count);
        for (int i = 0; i < pages.Count; i++)
        {
            to.U64(firstKeys[i]);
            to.U64(rowIds[i]);
        }
    }

    private void ReadIndex(ref SpanReader from)
    {
        uint count = from.U32();
        if (count > from.Left / 16)
        {
            throw new StoreException(Errno.EIO, "a map's index is longer than its row");
        }
        for (uint i = 0; i < count; i++)
        {
            firstKeys.Add(from.U64());
            rowIds.Add(from.U64());
            pages.Add(null);
        }
    }

    private void DropIndexRow(RowBatch batch)
    {
        if (indexRow != 0)
        {
            batch.Delete(indexRow);
            indexRow = 0;
        }
    }

    private void Externalise(MapPage page)
    {
        if (page.RowId == 0)
        {
            page.RowId = source.NewRowId();
            rowIds[pages.IndexOf(page)] = page.RowId;
            indexDirty = true;
        }
    }

    private void AddPage(int at, ulong firstKey, MapPage page)
    {
        firstKeys.Insert(at, firstKey);
        rowIds.Insert(at, page.RowId);
        pages.Insert(at, page);
        indexDirty = true;
    }

    private MapPage Load(int i)
    {
        if (pages[i] is { } page)
        {
            return page;
        }
        page = source.ReadPage(rowIds[i]);
        pages[i] = page;
        return page;
    }

    /// <summary>Index of the page that would hold a key: the last one whose first key is not above it; -1 if below all.</summary>
    private int PageOf(ulong key)
    {
        int low = 0;
        int high = firstKeys.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (firstKeys[middle] <= key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low - 1;
    }
}

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
    private Slot[] slots = [];
    private List<ulong>? removedRows;
    private ulong indexRow;
    private int count;
    private bool indexDirty;

    public PagedMap(IPageSource source) => this.source = source;

    /// <summary>Number of pages; 0 for an empty map that never had an entry.</summary>
    public int PageCount => count;

    public bool IsEmpty => count == 0;

    /// <summary>The first entry with a key of at least <paramref name="key"/>. The value is valid until the next change.</summary>
    public bool TryAtLeast(ulong key, out ulong found, out ReadOnlySpan<byte> value)
    {
        for (int i = Math.Max(PageOf(key), 0); i < count; i++)
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
            if (count == 0)
            {
                AddPage(0, key, new MapPage(0, 64));
            }
            else
            {
                slots[0].FirstKey = key;
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
            if (key >= slots[i + 1].FirstKey)
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
            RemovePage(i);
        }
        return true;
    }

    /// <summary>Gives up every row of the map; the rows go with the next snapshot.</summary>
    public void Clear()
    {
        while (count > 0)
        {
            RemovePage(count - 1);
        }
        slots = [];
        indexDirty = true;
    }

    /// <summary>Lets go of clean pages that have rows of their own. Only when those rows are committed.</summary>
    public void TrimClean()
    {
        for (int i = 0; i < count; i++)
        {
            if (slots[i].Page is { Dirty: false, RowId: not 0 })
            {
                slots[i].Page = null;
            }
        }
    }

    /// <summary>The first key of the page behind the one where a search for <paramref name="key"/> begins, for passing over a damaged page.</summary>
    public bool TryNextPage(ulong key, out ulong first)
    {
        int next = Math.Max(PageOf(key), 0) + 1;
        first = next < count ? slots[next].FirstKey : 0;
        return next < count;
    }

    /// <summary>Gives up pages that cannot be read; what is in memory but damaged on the disk is saved again by the next snapshot. For repair.</summary>
    /// <param name="damaged">Rows that cannot be opened.</param>
    /// <returns>For each page given up, its first key and the one behind its last possible key.</returns>
    public List<(ulong From, ulong To)> Mend(IReadOnlySet<ulong> damaged)
    {
        var lost = new List<(ulong From, ulong To)>();
        indexDirty |= damaged.Contains(indexRow);
        for (int i = count - 1; i >= 0; i--)
        {
            try
            {
                MapPage page = Load(i);
                page.Dirty |= page.RowId != 0 && damaged.Contains(page.RowId);
            }
            catch (StoreException e) when (e.Error == Errno.EIO)
            {
                lost.Add((slots[i].FirstKey, i + 1 < count ? slots[i + 1].FirstKey : ulong.MaxValue));
                RemovePage(i);
            }
        }
        return lost;
    }

    /// <summary>All rows the map owns, for fsck.</summary>
    public IEnumerable<ulong> OwnedRows()
    {
        for (int i = 0; i < count; i++)
        {
            if (slots[i].RowId != 0)
            {
                yield return slots[i].RowId;
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
        for (int i = 0; i < count; i++)
        {
            if (slots[i].Page is { Dirty: true } page)
            {
                if (page.RowId != 0)
                {
                    batch.Put(page.RowId, RowKind.TreeLeaf, page.Bytes);
                }
                page.Dirty = false;
            }
        }
        removedRows?.ForEach(batch.Delete);
        removedRows = null;
        if (count == 0 || slots[0].RowId == 0)
        {
            DropIndexRow(batch);
            owner.Byte(FormInline);
            owner.Block(count == 0 ? default : slots[0].Page!.Bytes);
        }
        else if (count <= IndexInOwner)
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
                var index = new SpanWriter(8 + count * 16);
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
        to.U32((uint)count);
        for (int i = 0; i < count; i++)
        {
            to.U64(slots[i].FirstKey);
            to.U64(slots[i].RowId);
        }
    }

    private void ReadIndex(ref SpanReader from)
    {
        uint listed = from.U32();
        if (listed > from.Left / 16)
        {
            throw new StoreException(Errno.EIO, "a map's index is longer than its row");
        }
        slots = new Slot[listed];
        count = (int)listed;
        foreach (ref Slot slot in slots.AsSpan())
        {
            slot.FirstKey = from.U64();
            slot.RowId = from.U64();
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
            slots[Array.FindIndex(slots, 0, count, slot => slot.Page == page)].RowId = page.RowId;
            indexDirty = true;
        }
    }

    private void AddPage(int at, ulong firstKey, MapPage page)
    {
        if (count == slots.Length)
        {
            // Nearly all maps have one page for ever: no room ahead for the second.
            Array.Resize(ref slots, count == 0 ? 1 : count * 2);
        }
        slots.AsSpan(at, count - at).CopyTo(slots.AsSpan(at + 1));
        slots[at] = new Slot { FirstKey = firstKey, RowId = page.RowId, Page = page };
        count++;
        indexDirty = true;
    }

    /// <summary>Takes a page out of the map; its row, if it has one, goes with the next snapshot.</summary>
    private void RemovePage(int at)
    {
        if (slots[at].RowId != 0)
        {
            (removedRows ??= []).Add(slots[at].RowId);
        }
        slots.AsSpan(at + 1, count - at - 1).CopyTo(slots.AsSpan(at));
        slots[--count] = default;
        indexDirty = true;
    }

    private MapPage Load(int i) => slots[i].Page ??= source.ReadPage(slots[i].RowId);

    /// <summary>Index of the page that would hold a key: the last one whose first key is not above it; -1 if below all.</summary>
    private int PageOf(ulong key)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (slots[middle].FirstKey <= key)
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

    /// <summary>A page: known by its first key and its row (0: it stands in the owner's row), in memory once it has been touched.</summary>
    private struct Slot
    {
        public ulong FirstKey, RowId;
        public MapPage? Page;
    }
}

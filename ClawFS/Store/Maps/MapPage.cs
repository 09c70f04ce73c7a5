using System.Buffers.Binary;

namespace ClawFS.Store.Maps;

/// <summary>
/// One page of a <see cref="PagedMap"/>: entries [key u64][length u16][value], little-endian, ascending by key, without gaps.
/// The form in memory is the form in the row, so that a snapshot is one copy. A page holds some 30 to 150 entries; a scan by
/// hops costs less than keeping a slot table.
/// </summary>
internal sealed class MapPage
{
    /// <summary>Largest plaintext of a page: with version and tag it still fits a 4 KiB SQLite page without overflow.</summary>
    public const int Capacity = 4000;
    public const int EntryHeader = 10;

    /// <summary>Row of the page; 0 while it lives inside its owner's row.</summary>
    public ulong RowId;
    public bool Dirty;
    private byte[] data;

    public MapPage(ulong rowId, int capacity)
    {
        RowId = rowId;
        data = new byte[capacity];
    }

    /// <summary>Takes a page from a row; false if the bytes are not a well-formed page.</summary>
    public static bool TryParse(ulong rowId, ReadOnlySpan<byte> bytes, out MapPage page)
    {
        page = new MapPage(rowId, bytes.Length) { Used = bytes.Length };
        bytes.CopyTo(page.data);
        int at = 0;
        ulong last = 0;
        while (at < bytes.Length)
        {
            if (bytes.Length - at < EntryHeader)
            {
                return false;
            }
            ulong key = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 8)..]);
            if ((page.Count > 0 && key <= last) || length > bytes.Length - at - EntryHeader)
            {
                return false;
            }
            last = key;
            page.Count++;
            at += EntryHeader + length;
        }
        return true;
    }

    public int Used { get; private set; }
    public int Count { get; private set; }
    public ReadOnlySpan<byte> Bytes => data.AsSpan(0, Used);
    public ulong FirstKey => KeyAt(0);

    public ulong KeyAt(int at) => BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(at));
    public ReadOnlySpan<byte> ValueAt(int at) => data.AsSpan(at + EntryHeader, LengthAt(at));
    public int Next(int at) => at + EntryHeader + LengthAt(at);
    private int LengthAt(int at) => BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(at + 8));

    /// <summary>Offset of the first entry with a key of at least <paramref name="key"/>; <see cref="Used"/> if none.</summary>
    public int AtLeast(ulong key)
    {
        int at = 0;
        while (at < Used && KeyAt(at) < key)
        {
            at = Next(at);
        }
        return at;
    }

    /// <summary>Offset of the last entry with a key of at most <paramref name="key"/>; -1 if none.</summary>
    public int AtMost(ulong key)
    {
        int found = -1;
        for (int at = 0; at < Used && KeyAt(at) <= key; at = Next(at))
        {
            found = at;
        }
        return found;
    }

    public bool Fits(int valueLength) => Used + EntryHeader + valueLength <= Capacity;

    /// <summary>Inserts at an offset that <see cref="AtLeast"/> gave for this key.</summary>
    public void InsertAt(int at, ulong key, ReadOnlySpan<byte> value)
    {
        int size = EntryHeader + value.Length;
        if (Used + size > data.Length)
        {
            Array.Resize(ref data, Math.Min(Math.Max(data.Length * 2, Used + size), Math.Max(Capacity, Used + size)));
        }
        data.AsSpan(at, Used - at).CopyTo(data.AsSpan(at + size));
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(at), key);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(at + 8), (ushort)value.Length);
        value.CopyTo(data.AsSpan(at + EntryHeader));
        Used += size;
        Count++;
    }

    public void RemoveAt(int at)
    {
        int next = Next(at);
        data.AsSpan(next, Used - next).CopyTo(data.AsSpan(at));
        Used -= next - at;
        Count--;
    }

    /// <summary>Overwrites a value of the same length; false if the length differs.</summary>
    public bool TryReplaceAt(int at, ReadOnlySpan<byte> value)
    {
        if (LengthAt(at) != value.Length)
        {
            return false;
        }
        value.CopyTo(data.AsSpan(at + EntryHeader));
        return true;
    }

    /// <summary>
    /// Moves the upper entries to a new page. An insert behind the last entry leaves this page full, because ascending keys
    /// (extents, segment maps) would otherwise leave every page half empty.
    /// </summary>
    public MapPage Split(ulong newRowId, ulong insertKey)
    {
        int cut = 0;
        int last = 0;
        for (int at = 0; at < Used; at = Next(at))
        {
            last = at;
            if (cut == 0 && at >= Used / 2)
            {
                cut = at;
            }
        }
        if (insertKey > KeyAt(last) || cut == 0)
        {
            cut = insertKey > KeyAt(last) ? Used : last;
        }
        var right = new MapPage(newRowId, Capacity);
        data.AsSpan(cut, Used - cut).CopyTo(right.data);
        right.Used = Used - cut;
        int moved = 0;
        for (int at = 0; at < right.Used; at = right.Next(at))
        {
            moved++;
        }
        right.Count = moved;
        Used = cut;
        Count -= moved;
        return right;
    }
}

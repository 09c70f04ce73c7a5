using System.Diagnostics.CodeAnalysis;

namespace ClawFS.Search.Lexical;

/// <summary>
/// Terms and their numbers, 0, 1, 2 … in the order in which they came: append-only, so that writing the terms after number n keeps a stored copy complete.
/// Looking up takes no lock and may run on any thread beside additions; additions take turns. About 12 bytes a term and the term's own.
/// </summary>
internal sealed class TermTable
{
    private const int PageBits = 20;
    private const int FirstSlots = 1 << 12;

    private readonly Lock _adding = new();
    private volatile Slots _slots = new(FirstSlots);
    private volatile byte[][] _pages = [new byte[1 << PageBits]];
    private volatile uint[] _starts = new uint[1024];
    private uint _end;
    private volatile int _count;

    /// <summary>How many terms there are; their numbers are below.</summary>
    internal int Count => _count;

    /// <summary>Bytes of memory held.</summary>
    internal long MemoryBytes => ((long)_pages.Length << PageBits) + (_starts.Length * 4L) + (_slots.Entries.Length * 8L);

    /// <summary>Bytes of all terms, with one for the length of each.</summary>
    internal long TextBytes => Volatile.Read(ref _end);

    /// <summary>The number of a term, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> term) => Find(term, TermHash.Of(term));

    /// <summary>The number of a term, which gets the next one if it is new.</summary>
    /// <exception cref="InvalidOperationException">The table is full: 4 GiB of terms.</exception>
    internal int Add(ReadOnlySpan<byte> term)
    {
        ulong hash = TermHash.Of(term);
        int found = Find(term, hash);
        if (found >= 0)
            return found;
        lock (_adding)
        {
            found = Find(term, hash);
            return found >= 0 ? found : Append(term, hash);
        }
    }

    /// <summary>The bytes of a term.</summary>
    /// <param name="id">Its number, below <see cref="Count"/>.</param>
    internal ReadOnlySpan<byte> this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)_count, nameof(id));
            return At(_starts[id]);
        }
    }

    // A record is one length byte and the term, and never crosses a page.
    private ReadOnlySpan<byte> At(uint start)
    {
        byte[] page = _pages[start >> PageBits];
        int offset = (int)(start & ((1 << PageBits) - 1));
        return page.AsSpan(offset + 1, page[offset]);
    }

    private int Find(ReadOnlySpan<byte> term, ulong hash)
    {
        Slots slots = _slots;
        for (uint slot = (uint)hash & slots.Mask; ; slot = (slot + 1) & slots.Mask)
        {
            ulong entry = Volatile.Read(ref slots.Entries[slot]);
            if (entry == 0)
                return -1;
            if (entry >> 32 == hash >> 32 && At(_starts[(int)(uint)entry - 1]).SequenceEqual(term))
                return (int)(uint)entry - 1;
        }
    }

    private int Append(ReadOnlySpan<byte> term, ulong hash)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(term.Length, byte.MaxValue, nameof(term));
        int id = _count;
        if (id + 1 > _slots.Entries.Length / 10 * 7)
            Rehash();
        if (id == _starts.Length)
        {
            uint[] larger = new uint[id + (id / 2)];
            _starts.CopyTo(larger.AsSpan());
            _starts = larger;
        }

        // What an entry leads to is written before the entry is: a reader that sees it sees all of it.
        uint start = Room(term.Length + 1);
        Span<byte> record = _pages[start >> PageBits].AsSpan((int)(start & ((1 << PageBits) - 1)));
        record[0] = (byte)term.Length;
        term.CopyTo(record[1..]);
        _starts[id] = start;
        _count = id + 1;
        _slots.Put(hash, id);
        return id;
    }

    private uint Room(int bytes)
    {
        uint start = _end;
        if ((start & ((1 << PageBits) - 1)) + bytes > 1 << PageBits)
            start = ((start >> PageBits) + 1) << PageBits;
        if (start < _end)
            Full();
        if (start >> PageBits == _pages.Length)
            _pages = [.. _pages, new byte[1 << PageBits]];
        _end = start + (uint)bytes;
        return start;
    }

    private void Rehash()
    {
        Slots larger = new(_slots.Entries.Length * 2);
        for (int id = 0; id < _count; id++)
            larger.Put(TermHash.Of(At(_starts[id])), id);
        _slots = larger;
    }

    [DoesNotReturn]
    private static void Full() => throw new InvalidOperationException("the term table is full");

    /// <summary>Open addressing: the hash's upper half above the number plus one; zero is free.</summary>
    private sealed class Slots(int count)
    {
        internal readonly ulong[] Entries = new ulong[count];

        internal uint Mask => (uint)Entries.Length - 1;

        internal void Put(ulong hash, int id)
        {
            uint slot = (uint)hash & Mask;
            while (Entries[slot] != 0)
                slot = (slot + 1) & Mask;
            Volatile.Write(ref Entries[slot], (hash >> 32 << 32) | (uint)(id + 1));
        }
    }
}

using System.Numerics;
using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Memory;
using ClawFS.Vectors.Saved;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    /// <summary>Bytes of the header that <see cref="Save"/> fills.</summary>
    public const int HeaderLength = IndexHeader.Length;

    /// <summary>No slot has this number or a greater one.</summary>
    public const int MostSlots = SlotTable.MostSlots;

    private readonly Lock saveLock = new();
    private uint saveCursor;

    /// <summary>
    /// Gives out every row that changed since the last call (at first: all), and the header. Adds and repairs wait meanwhile; searches and removes do not. What a store then holds is the index as of this
    /// call, once all rows and the header are committed together. A vector whose <see cref="Add"/> has not returned is not in it.
    /// </summary>
    /// <param name="rows">Where the rows go. If it throws, the rows not taken are given out again by the next call.</param>
    /// <param name="header"><see cref="HeaderLength"/> bytes.</param>
    /// <returns>Rows given out.</returns>
    public int Save(IndexRows rows, Span<byte> header)
    {
        lock (saveLock)
        {
            gate.EnterWriteLock();
            try
            {
                new IndexHeader(options, inserts, slots.Codes?.Scale ?? 0, graph.Entry.Slot, slots.Used).Write(header);
                byte[] row = new byte[LinksRow.MostBytes(options.M)];
                int given = 0;
                for (uint word = 0; word <= slots.Used >> 6; word++)
                    given += SaveWord(rows, row, word);
                return given;
            }
            finally
            {
                gate.ExitWriteLock();
            }
        }
    }

    /// <summary>
    /// Gives out some of the rows that changed, so that a following <see cref="Save"/> has fewer to give out while adds wait. They count only together with all that is given out until that <see cref="Save"/>,
    /// which gives those that change again meanwhile once more: the last one of a slot holds. Adds and repairs wait for 64 slots at a time.
    /// </summary>
    /// <param name="rows">Where the rows go.</param>
    /// <param name="most">About so many.</param>
    /// <returns>Rows given out; 0: nothing had changed.</returns>
    public int SaveSome(IndexRows rows, int most)
    {
        lock (saveLock)
        {
            byte[] row = new byte[LinksRow.MostBytes(options.M)];
            int given = 0;
            uint words = (slots.Used >> 6) + 1;
            for (uint looked = 0; looked < words && given < most; looked++)
            {
                uint word = saveCursor++ % words;
                if (!slots.IsDirty(word))
                    continue;
                gate.EnterWriteLock();
                try
                {
                    given += SaveWord(rows, row, word);
                }
                finally
                {
                    gate.ExitWriteLock();
                }
            }

            return given;
        }
    }

    /// <summary>Forgets what was given out: <see cref="Save"/> begins with all rows again. For a store that has lost them, or writes anew.</summary>
    public void MarkUnsaved()
    {
        lock (saveLock)
        {
            gate.EnterWriteLock();
            try
            {
                for (uint slot = 1; slot <= slots.Used; slot++)
                {
                    slots.MarkDirty(slot);
                    slots.MarkCodesDirty(slot);
                }
            }
            finally
            {
                gate.ExitWriteLock();
            }
        }
    }

    /// <summary>Whether <see cref="Save"/> would give out anything.</summary>
    public bool HasUnsaved
    {
        get
        {
            for (uint word = 0; word <= slots.Used >> 6; word++)
            {
                if (slots.IsDirty(word))
                    return true;
            }

            return false;
        }
    }

    private int SaveWord(IndexRows rows, byte[] buffer, uint word)
    {
        ulong links = slots.TakeDirty(word);
        ulong codes = slots.TakeDirtyCodes(word);
        int given = 0;
        try
        {
            for (; (links | codes) != 0; given++)
            {
                int bit = BitOperations.TrailingZeroCount(links | codes);
                SaveSlot(rows, buffer, (word << 6) + (uint)bit, ((codes >> bit) & 1) != 0);
                links &= ~(1UL << bit);
                codes &= ~(1UL << bit);
            }
        }
        finally
        {
            slots.MarkDirty(word, links, codes);
        }

        return given;
    }

    private void SaveSlot(IndexRows rows, byte[] buffer, uint slot, bool withCodes)
    {
        byte state = Volatile.Read(ref slots.States[slot]);
        if (state == SlotState.Free)
        {
            rows.Free(slot);
            return;
        }

        int level = slots.Levels[slot];
        int length = LinksRow.WriteHead(buffer, slots.Labels[slot], state, (byte)level);
        for (int l = 0; l <= level; l++)
        {
            ReadOnlySpan<uint> row = new(slots.Row(slot, l), slots.Room(l));
            int end = row.IndexOf(0u);
            length += LinksRow.WriteLevel(buffer.AsSpan(length), end < 0 ? row : row[..end]);
        }

        if (withCodes && slots.Codes is { } codes)
            rows.Codes(slot, new ReadOnlySpan<byte>(Row(codes, slot), options.Dimensions));
        rows.Links(slot, buffer.AsSpan(0, length));
    }
}

using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Memory;
using ClawFS.Vectors.Saved;

namespace ClawFS.Vectors;

/// <summary>
/// Puts an index together from saved rows. Every byte is checked: a row that could not have been saved is refused. Links to slots whose row is missing are left out, so what comes
/// out is a usable graph whatever is missing; compare its labels with what should be there.
/// </summary>
public sealed unsafe class SavedIndex : IDisposable
{
    /// <summary>State, the fifth byte of a row of links, of a vector that searches find.</summary>
    public const byte LiveState = SlotState.Live;

    /// <summary>State of a vector that was removed, but is still walked through.</summary>
    public const byte DeadState = SlotState.Dead;

    private const int ReadAtOnce = 256;
    private readonly IndexHeader header;
    private readonly VectorSource? vectors;
    private readonly uint[] links;
    private readonly ulong[] coded;
    private HnswIndex? index;

    /// <summary>Begins.</summary>
    /// <param name="header">What <see cref="HnswIndex.Save"/> filled last.</param>
    /// <param name="expected">The options the caller has now; the saved index must have the same.</param>
    /// <param name="vectors">Where full vectors are read from: for <see cref="VectorStorage.Compact"/> at each search, for the others once, by <see cref="Finish"/>.</param>
    /// <exception cref="InvalidDataException">The header is damaged, of another version, or of an index with other options.</exception>
    public SavedIndex(ReadOnlySpan<byte> header, HnswOptions expected, VectorSource vectors)
    {
        this.header = IndexHeader.Parse(header);
        if (this.header.Options != expected)
            throw new InvalidDataException("The saved vector index has other options.");
        this.vectors = vectors;
        index = new HnswIndex(expected, expected.Storage == VectorStorage.Compact ? vectors : null);
        index.Begin(this.header.Scale, this.header.Slots);
        links = new uint[2 * expected.M];
        coded = new ulong[(this.header.Slots >> 6) + 1];
    }

    /// <summary>The highest slot it may use.</summary>
    public uint Slots => header.Slots;

    private HnswIndex Index => index ?? throw new ObjectDisposedException(nameof(SavedIndex));

    /// <summary>Takes the codes of a slot.</summary>
    /// <exception cref="InvalidDataException">Not a slot of the index, or not as long as its vectors.</exception>
    public void Codes(uint slot, ReadOnlySpan<byte> row)
    {
        SlotTable slots = Index.Slots;
        if (slot == 0 || slot > header.Slots || row.Length != slots.Dimensions || slots.Codes is not { } codes || row.Contains((byte)0x80))
            throw new InvalidDataException($"The codes of slot {slot} cannot be of this index.");
        slots.GrowTo(header.Slots);
        row.CopyTo(new Span<byte>(codes.Address + ((long)slot * slots.CodeStride), row.Length));
        coded[slot >> 6] |= 1UL << (int)(slot & 63);
    }

    /// <summary>Takes the links of a slot.</summary>
    /// <exception cref="InvalidDataException">Not a row that an index with this header can have saved.</exception>
    public void Links(uint slot, ReadOnlySpan<byte> row)
    {
        SlotTable slots = Index.Slots;
        (uint label, byte state, byte level) = LinksRow.ReadHead(ref row);
        // A vector that was being added counts as removed: its label is not there, but others link to it.
        if (slot == 0 || slot > header.Slots || level > SlotTable.MostLevels || state is not (SlotState.Live or SlotState.Dead or SlotState.Pending))
            throw new InvalidDataException($"Slot {slot} cannot be of this index.");
        slots.GrowTo(header.Slots);
        if (slots.States[slot] != SlotState.Free)
            throw new InvalidDataException($"Slot {slot} comes twice.");
        slots.TakeAt(slot, level);
        for (int l = 0; l <= level; l++)
        {
            int count = LinksRow.ReadLevel(ref row, links.AsSpan(0, slots.Room(l)));
            foreach (uint other in links.AsSpan(0, count))
            {
                if (other == 0 || other > header.Slots || other == slot)
                    throw new InvalidDataException($"Slot {slot} has a link to {other}.");
            }

            links.AsSpan(0, count).CopyTo(new Span<uint>(slots.Row(slot, l), slots.Room(l)));
        }

        if (!row.IsEmpty)
            throw new InvalidDataException($"The links of slot {slot} are followed by {row.Length} bytes.");
        Index.Restore(slot, label, state);
    }

    /// <summary>Reads the vectors that are kept in memory, leaves out what does not fit together, and hands over the index. Rows that were changed by that are saved by the next <see cref="HnswIndex.Save"/>.</summary>
    public HnswIndex Finish()
    {
        HnswIndex done = Index;
        SlotTable slots = done.Slots;
        slots.GrowTo(header.Slots);
        for (uint slot = 1; slot <= slots.Used; slot++)
        {
            // Without codes there is no way to measure it.
            if (slots.States[slot] != SlotState.Free && slots.Codes is not null && ((coded[slot >> 6] >> (int)(slot & 63)) & 1) == 0)
                done.Forget(slot);
        }

        if (slots.HasFloats)
            ReadVectors(done);
        for (uint slot = 1; slot <= slots.Used; slot++)
        {
            if (slots.States[slot] != SlotState.Free)
                LeaveOutLost(slots, slot);
        }

        done.Complete(header.Entry, header.Inserts);
        index = null;
        return done;
    }

    /// <inheritdoc/>
    public void Dispose() => index?.Dispose();

    private void ReadVectors(HnswIndex done)
    {
        uint[] wanted = new uint[ReadAtOnce];
        uint[] labels = new uint[ReadAtOnce];
        float[] rows = new float[ReadAtOnce * header.Options.Dimensions];
        int count = 0;
        for (uint slot = 1; slot <= header.Slots + 1; slot++)
        {
            if (slot <= done.Slots.Used && done.Slots.States[slot] == SlotState.Live)
            {
                wanted[count] = slot;
                labels[count++] = done.Slots.Labels[slot];
            }

            if (count == ReadAtOnce || (slot > header.Slots && count > 0))
            {
                vectors!.Read(labels.AsSpan(0, count), rows.AsSpan(0, count * header.Options.Dimensions));
                for (int i = 0; i < count; i++)
                    done.RestoreVector(wanted[i], rows.AsSpan(i * header.Options.Dimensions, header.Options.Dimensions));
                count = 0;
            }
        }
    }

    private static void LeaveOutLost(SlotTable slots, uint slot)
    {
        for (int level = slots.Levels[slot]; level >= 0; level--)
        {
            Span<uint> row = new(slots.Row(slot, level), slots.Room(level));
            int kept = 0;
            int end = row.IndexOf(0u);
            end = end < 0 ? row.Length : end;
            for (int i = 0; i < end; i++)
            {
                if (row[i] <= slots.Used && slots.States[row[i]] != SlotState.Free && slots.Levels[row[i]] >= level)
                    row[kept++] = row[i];
            }

            if (kept == end)
                continue;
            row[kept..].Clear();
            slots.MarkDirty(slot);
        }
    }
}

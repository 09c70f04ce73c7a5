using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    /// <summary>A new scale is worth coding everything again when it differs by this factor.</summary>
    private const float Drift = 1.1f;
    private const int ReadAtOnce = 256;
    private readonly CodeScale scale;
    private readonly List<(CodeTable Table, long Epoch)> retiredCodes = [];

    /// <summary>Codes all vectors again when the sample of components asks for another scale. Searches go on with the old codes until they end.</summary>
    private void Recalibrate()
    {
        if (slots.Codes is null || !scale.Due)
            return;
        gate.EnterWriteLock();
        try
        {
            CodeTable old = slots.Codes;
            if (!scale.Due)
                return;
            float wanted = scale.Measure();
            if (wanted < old.Scale * Drift && wanted > old.Scale / Drift)
                return;
            CodeTable made = new(slots.CodeStride, wanted);
            made.Column.Grow(old.Column.Rows);
            Recode(old, made);
            slots.Codes = made;
            for (uint slot = 1; slot <= slots.Used; slot++)
                slots.MarkCodesDirty(slot);
            retiredCodes.Add((old, epochs.Advance()));
            FreeRetiredCodes();
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }

    /// <summary>Frees code tables that no walk can have any more. The caller holds the gate alone.</summary>
    private void FreeRetiredCodes() => retiredCodes.RemoveAll(retired =>
    {
        if (!epochs.AllSince(retired.Epoch))
            return false;
        retired.Table.Column.Dispose();
        return true;
    });

    private void Recode(CodeTable old, CodeTable made)
    {
        uint[] wanted = new uint[ReadAtOnce];
        uint[] labelsWanted = new uint[ReadAtOnce];
        float[] rows = new float[source is null ? 0 : ReadAtOnce * options.Dimensions];
        int count = 0;
        for (uint slot = 1; slot <= slots.Used; slot++)
        {
            if (slots.States[slot] == SlotState.Free)
                continue;
            if (source is null)
            {
                CodeTable.Encode(new ReadOnlySpan<float>(slots.Floats + ((long)slot * slots.FloatStride), options.Dimensions), made.Scale, Row(made, slot));
                continue;
            }

            wanted[count] = slot;
            labelsWanted[count++] = slots.Labels[slot];
            if (count < ReadAtOnce && slot < slots.Used)
                continue;
            RecodeRead(old, made, wanted.AsSpan(0, count), labelsWanted.AsSpan(0, count), rows);
            count = 0;
        }

        RecodeRead(old, made, wanted.AsSpan(0, count), labelsWanted.AsSpan(0, count), rows);
    }

    private void RecodeRead(CodeTable old, CodeTable made, ReadOnlySpan<uint> wanted, ReadOnlySpan<uint> labelsWanted, Span<float> rows)
    {
        if (wanted.IsEmpty)
            return;
        source!.Read(labelsWanted, rows[..(wanted.Length * options.Dimensions)]);
        for (int i = 0; i < wanted.Length; i++)
        {
            Span<float> row = rows.Slice(i * options.Dimensions, options.Dimensions);
            // A removed vector may be gone from the source, or be another by now: its old codes are stretched.
            if (slots.States[wanted[i]] != SlotState.Live || float.IsNaN(row[0]))
            {
                for (int c = 0; c < row.Length; c++)
                    row[c] = Row(old, wanted[i])[c] / old.Scale;
            }
            else if (options.Metric == Metric.Cosine)
            {
                UnitLength.Scale(row);
            }

            CodeTable.Encode(row, made.Scale, Row(made, wanted[i]));
        }
    }

    private sbyte* Row(CodeTable table, uint slot) => table.Address + ((long)slot * slots.CodeStride);
}

using System.Numerics;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

internal sealed unsafe partial class LinkGraph<TMeasure>
{
    /// <inheritdoc/>
    public override CandidatePool Scan(SearchContext context, int width, LabelBitmap? filter, LabelMap labels)
    {
        TMeasure measure = TMeasure.FromQuery(context, Slots);
        CandidatePool pool = new(context.Candidates(width), width, width);
        uint* batch = context.Batch;
        int count = 0;
        if (filter is null)
        {
            uint used = Slots.Used;
            for (uint slot = 1; slot <= used; slot++)
                Gather(measure, ref pool, batch, ref count, slot);
        }
        else
        {
            ReadOnlySpan<ulong> words = filter.Words;
            int known = (int)Math.Min(words.Length, (labels.Known + 63) / 64);
            for (int i = 0; i < known; i++)
            {
                for (ulong word = words[i]; word != 0; word &= word - 1)
                    Gather(measure, ref pool, batch, ref count, labels.Slot(((uint)i * 64) + (uint)BitOperations.TrailingZeroCount(word)));
            }
        }

        Measure(measure, ref pool, batch, count);
        return pool;
    }

    private void Gather(in TMeasure measure, ref CandidatePool pool, uint* batch, ref int count, uint slot)
    {
        if (slot == 0 || Volatile.Read(ref Slots.States[slot]) != SlotState.Live)
            return;
        measure.Prefetch(slot);
        batch[count++] = slot;
        if (count < Slots.M0)
            return;
        Measure(measure, ref pool, batch, count);
        count = 0;
    }

    private static void Measure(in TMeasure measure, ref CandidatePool pool, uint* batch, int count)
    {
        uint bound = pool.Bound;
        for (int i = 0; i < count; i++)
        {
            uint key = measure.Key(batch[i]);
            if (key >= bound)
                continue;
            pool.InsertResult(CandidatePool.Entry(key, batch[i], 0));
            bound = pool.Bound;
        }
    }
}

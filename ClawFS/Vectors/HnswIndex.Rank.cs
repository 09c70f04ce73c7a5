using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Kernels;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    /// <summary>Rows of floats asked for ahead of the one being measured.</summary>
    private const int RankAhead = 4;

    /// <summary>Candidates measured before the error of codes is trusted to be known.</summary>
    private const int LeastRanked = 24;

    /// <summary>How far past the largest error seen a candidate must be to be out.</summary>
    private const float ErrorMargin = 1.3f;

    /// <summary>Vectors read again at once after the first k.</summary>
    private const int RereadStep = 8;

    /// <summary>One of so many candidates is read again in any case: components past the range of codes lose more than rounding does, and whoever walks wide wants those found, too.</summary>
    private const int RereadShare = 8;

    /// <summary>Standard deviations of the error of codes that are expected at most.</summary>
    private const float Deviations = 6;

    /// <summary>
    /// The k nearest of the candidates by full precision. Candidates come in the order of their codes; their true distance differs by an error whose size the first of them show (for unit vectors, what rounding gives), so
    /// the rest are not looked at once even the largest such error could not bring one among the k.
    /// </summary>
    private CandidatePool Rank(SearchContext context, CandidatePool candidates, int k)
    {
        int results = Results(candidates);
        CandidatePool best = new(context.Best(k), k, k);
        if (context.Codes is null)
        {
            for (int i = 0; i < results && i < k; i++)
                best.InsertResult(candidates.Entries[i]);
            return best;
        }

        // What two unit vectors lose by rounding to codes is known before any is measured: each component up to half a step, as good as independent.
        bool isKnown = options.Metric == Metric.Cosine;
        float error = isKnown ? Deviations * MathF.Sqrt((Square(1 / context.CodeScale) + Square(1 / context.Codes.Scale)) / 12) : 0;
        int least = isKnown && source is not null ? Math.Max(k, results / RereadShare) : Math.Max(k, LeastRanked);
        float worst = float.PositiveInfinity;
        int count = source is null ? results : Math.Min(results, Math.Max(least, RereadStep));
        for (int from = 0; count > 0; from += count, count = Promising(context, candidates.Entries + from, Math.Min(results - from, RereadStep), worst + error))
        {
            count = Math.Min(count, SearchContext.MostReread);
            ReadOnlySpan<float> rows = source is null ? default : Reread(context, candidates.Entries + from, count);
            for (int i = 0; i < count; i++)
            {
                int at = from + i;
                ulong candidate = candidates.Entries[at];
                float guess = Guess(context, CandidatePool.Key(candidate));
                if (at >= least && best.Size == k && guess - error > worst)
                    return best;
                uint slot = CandidatePool.Slot(candidate);
                float distance = source is null ? ResidentDistance(context, candidates.Entries, at, results) : RereadDistance(context, rows, i);
                if (float.IsNaN(distance))
                    continue;
                error = Math.Max(error, ErrorMargin * Math.Abs(distance - guess));
                if (distance >= worst && best.Size == k)
                    continue;
                best.InsertResult(CandidatePool.Entry(OrderedFloat.ToBits(distance), slot, 0));
                if (best.Size == k)
                    worst = OrderedFloat.FromBits(CandidatePool.Key(best.Entries[k - 1]));
            }
        }

        return best;
    }

    private static float Square(float value) => value * value;

    /// <summary>How many of the next candidates may be nearer than a distance, by their codes.</summary>
    private int Promising(SearchContext context, ulong* candidates, int count, float distance)
    {
        int promising = 0;
        while (promising < count && Guess(context, CandidatePool.Key(candidates[promising])) <= distance)
            promising++;
        return promising;
    }

    /// <summary>Moves the candidates that are results to the front, in order.</summary>
    private static int Results(CandidatePool candidates)
    {
        int count = 0;
        for (int i = 0; i < candidates.Size; i++)
        {
            if ((candidates.Entries[i] & CandidatePool.Hidden) == 0)
                candidates.Entries[count++] = candidates.Entries[i];
        }

        return count;
    }

    /// <summary>The distance that codes stand for.</summary>
    private float Guess(SearchContext context, uint key) => options.Metric == Metric.L2
        ? key / (context.CodeScale * context.CodeScale)
        : -CodeDot.Product(key) / (context.CodeScale * context.Codes!.Scale);

    private float ResidentDistance(SearchContext context, ulong* candidates, int at, int count)
    {
        int ahead = at + RankAhead;
        if (at == 0)
        {
            for (int i = 0; i < Math.Min(RankAhead, count); i++)
                PrefetchFloats(CandidatePool.Slot(candidates[i]));
        }

        if (ahead < count)
            PrefetchFloats(CandidatePool.Slot(candidates[ahead]));
        return Distance(context.Query, slots.Floats + ((long)CandidatePool.Slot(candidates[at]) * slots.FloatStride));
    }

    private void PrefetchFloats(uint slot) => Lines.PrefetchAll((byte*)(slots.Floats + ((long)slot * slots.FloatStride)), slots.FloatStride * sizeof(float));

    private float Distance(float* query, float* row) =>
        options.Metric == Metric.L2 ? Kernel.L2(query, row, slots.FloatStride) : -Kernel.Dot(query, row, slots.FloatStride);

    private ReadOnlySpan<float> Reread(SearchContext context, ulong* candidates, int count)
    {
        context.Reread(count, out Span<uint> wanted, out Span<float> rows);
        for (int i = 0; i < count; i++)
            wanted[i] = slots.Labels[CandidatePool.Slot(candidates[i])];
        source!.Read(wanted, rows);
        return rows;
    }

    private float RereadDistance(SearchContext context, ReadOnlySpan<float> rows, int at)
    {
        Span<float> row = new(context.Row, slots.FloatStride);
        rows.Slice(at * options.Dimensions, options.Dimensions).CopyTo(row);
        if (options.Metric == Metric.Cosine)
            UnitLength.Scale(row[..options.Dimensions]);
        return Distance(context.Query, context.Row);
    }
}

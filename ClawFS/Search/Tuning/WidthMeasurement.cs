using System.Diagnostics;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;

namespace ClawFS.Search.Tuning;

/// <summary>Asks the graph with growing widths what an exact scan has answered.</summary>
/// <param name="copy">Reads the vectors.</param>
/// <param name="near">Searches with a width.</param>
/// <param name="dimensions">Floats of a vector.</param>
internal sealed class WidthMeasurement(VectorCopy copy, Func<int, VectorSearch> near, int dimensions)
{
    /// <summary>Fewer vectors are not worth a measurement: a search of so few measures nearly all of them anyway.</summary>
    public const int LeastVectors = 1000;

    /// <summary>Rows behind the one that is chosen: what a little more would give.</summary>
    private const int RowsBehind = 2;

    private static readonly int[] Widths = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4000];

    /// <summary>Measures.</summary>
    /// <param name="labels">All labels with a vector.</param>
    /// <param name="recall">Wanted, above 0 and up to 1.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="TuningException">There are too few vectors.</exception>
    public TuningReport Run(uint[] labels, double recall, Action<string> progress, CancellationToken cancel)
    {
        if (labels.Length < LeastVectors)
        {
            throw new TuningException($"{labels.Length} passages with a vector are too few to measure ({LeastVectors} are wanted), and a search of so few is exact whatever efSearch is");
        }
        TuningQueries queries = TuningQueries.Draw(labels, dimensions, copy);
        float[] vector = new float[dimensions];
        for (int i = 0; i < labels.Length; i++)
        {
            if (i % 10_000 == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress($"exact answers: {100L * i / labels.Length} %");
            }
            if (copy(labels[i], vector))
            {
                queries.Observe(labels[i], vector);
            }
        }
        List<TuningRow> rows = [];
        int? chosen = null;
        foreach (int width in Widths)
        {
            progress($"efSearch {width}");
            rows.Add(Measure(width, queries, cancel));
            chosen ??= rows[^1].Recall >= recall ? width : null;
            if (chosen is { } found && rows.Count(row => row.EfSearch > found) == RowsBehind)
            {
                break;
            }
        }
        return new TuningReport(labels.Length, dimensions, queries.Vectors.Count, rows, chosen);
    }

    private TuningRow Measure(int width, TuningQueries queries, CancellationToken cancel)
    {
        VectorSearch search = near(width);
        ScoredChunk[] results = new ScoredChunk[TuningQueries.K];
        double[] times = new double[queries.Vectors.Count];
        int hits = 0;
        for (int i = 0; i < times.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            long begin = Stopwatch.GetTimestamp();
            int count = search(queries.Vectors[i], null, results);
            times[i] = Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
            hits += queries.Found(i, results.Take(count).Select(static hit => hit.Chunk));
        }
        Array.Sort(times);
        return new TuningRow(width, (double)hits / (times.Length * TuningQueries.K), times[times.Length / 2]);
    }
}

using ClawFS.Linux;
using ClawFS.Search.Index;

namespace ClawFS.Search.Tuning;

/// <summary>Measures the running index on its own vectors, and lends a sample of them to whoever measures elsewhere. One measurement at a time.</summary>
public sealed class IndexTuning
{
    /// <summary>Most vectors of one answer of <see cref="Sample"/>.</summary>
    public const int MostOfSample = 256;

    private int measuring;

    /// <summary>Measures recall and speed for growing widths. Takes seconds; searches and indexing go on.</summary>
    /// <param name="service">The index.</param>
    /// <param name="recall">Wanted, above 0 and up to 1.</param>
    /// <param name="progress">Told what is being done, on another thread.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="TuningException">There is nothing to measure, or somebody measures already.</exception>
    public async Task<TuningReport> MeasureAsync(SearchService service, double recall, Action<string> progress, CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref measuring, 1) != 0)
        {
            throw new TuningException("somebody measures this index already");
        }
        try
        {
            // A thread of its own: it steps back behind whoever is served, which a lent one would keep doing afterwards.
            return await Task.Factory.StartNew(() => Measure(service, recall, progress, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref measuring, 0);
        }
    }

    /// <summary>A part of a sample of the index's vectors, drawn with a fixed seed: parts asked for one after the other are different, as long as the index is as it was.</summary>
    /// <param name="service">The index.</param>
    /// <param name="size">Vectors of the whole sample.</param>
    /// <param name="from">Which is the first of this part.</param>
    /// <returns>At most <see cref="MostOfSample"/>; none when the sample has ended.</returns>
    /// <exception cref="TuningException">There are no vectors.</exception>
    public static VectorSample Sample(SearchService service, int size, int from)
    {
        Generation generation = Hold(service);
        try
        {
            uint[] labels = LabelsOf(service, generation);
            new Random(1).Shuffle(labels);
            List<(uint, float[])> vectors = [];
            foreach (uint label in labels.Take(size).Skip(from).Take(MostOfSample))
            {
                float[] vector = new float[generation.Dimensions];
                if (generation.TryCopy(label, vector))
                {
                    vectors.Add((label, vector));
                }
            }
            return new VectorSample(generation.Number, labels.Length, vectors);
        }
        finally
        {
            generation.Release();
        }
    }

    private static TuningReport Measure(SearchService service, double recall, Action<string> progress, CancellationToken cancel)
    {
        BackgroundThread.Enter();
        Generation generation = Hold(service);
        try
        {
            return new WidthMeasurement(generation.TryCopy, generation.Near, generation.Dimensions).Run(LabelsOf(service, generation), recall, progress, cancel);
        }
        finally
        {
            generation.Release();
        }
    }

    private static uint[] LabelsOf(SearchService service, Generation generation)
    {
        List<uint> labels = [];
        for (uint chunk = 0; chunk < service.ChunkCount; chunk++)
        {
            if (generation.Contains(chunk))
            {
                labels.Add(chunk);
            }
        }
        return [.. labels];
    }

    private static Generation Hold(SearchService service) => service.HoldGeneration() ?? throw new TuningException(
        service.Settings.Embedder == "none" ? "there are no vectors: embedder=none in sys/index/params"
        : service.Status is { Percent: >= 0 and var percent } ? $"there are no vectors yet: they are being made, {percent} %"
        : $"there are no vectors: {service.Status.Chunks} passages are indexed, and a model is made from {GenerationOrder.LeastChunks} on");
}

/// <summary>Some vectors of an index.</summary>
/// <param name="Generation">The model they were made with: vectors of two have nothing in common.</param>
/// <param name="Total">Vectors of the index.</param>
/// <param name="Vectors">Labels and vectors of length 1.</param>
public sealed record VectorSample(int Generation, int Total, IReadOnlyList<(uint Label, float[] Vector)> Vectors);

using ClawFS.Linux;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Index;

/// <summary>Makes a generation beside everything else: fits a model on the chunks of a moment, embeds them, builds their graph, measures what it is worth.</summary>
internal sealed class GenerationFit
{
    /// <summary>Fewer chunks than these are searched by their words alone: a model of so few texts says nothing that the words do not.</summary>
    public const int LeastChunks = 200;

    /// <summary>A model is made anew when the store has so many times the chunks it was fitted on.</summary>
    private const int Growth = 2;

    private const int CalibrationSamples = 200;

    private readonly Task<Generation?> work;
    private double done;

    private GenerationFit(IndexState state, IndexSettings settings, int number, CancellationToken stop)
    {
        uint[] chunks = [.. Living(state)];
        ChunkTerms[] terms = [.. chunks.Select(state.TermsOf)];
        TermStatistics statistics = TermStatistics.Of(state.Words);
        work = Task.Factory.StartNew(() => Make(state, chunks, terms, statistics, settings, number, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Percent of the way.</summary>
    public int Percent => (int)(Volatile.Read(ref done) * 100);

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded => work.IsCompleted;

    /// <summary>The generation, held once for the caller; null if it was stopped. Rethrows what the work ran into.</summary>
    public Generation? Result => work.GetAwaiter().GetResult();

    /// <summary>Begins to make a generation if there is reason to: enough text, and no model or one of far fewer chunks.</summary>
    public static GenerationFit? BeginIfDue(IndexState state, Generation? now, IndexSettings settings, CancellationToken stop)
    {
        bool isDue = now is null || !IsMadeAs(now.Settings, settings) || state.Chunks.Live >= Growth * now.Model.FittedOn;
        return isDue && settings.Embedder == "lsi" && state.Chunks.Live >= LeastChunks ? new GenerationFit(state, settings, (now?.Number ?? 0) + 1, stop) : null;
    }

    private static bool IsMadeAs(IndexSettings made, IndexSettings wanted) =>
        (made.M, made.EfConstruction, made.Dimensions) == (wanted.M, wanted.EfConstruction, wanted.Dimensions);

    /// <summary>The chunks whose file is there.</summary>
    public static IEnumerable<uint> Living(IndexState state)
    {
        for (uint chunk = 0; chunk < state.Chunks.Count; chunk++)
        {
            if (state.Chunks[chunk].File is not null)
            {
                yield return chunk;
            }
        }
    }

    private Generation? Make(IndexState state, uint[] chunks, ChunkTerms[] terms, TermStatistics statistics, IndexSettings settings, int number, CancellationToken stop)
    {
        BackgroundThread.Enter();
        Generation? made = null;
        try
        {
            LsiModel model = LsiModel.Fit(terms, new LsiOptions { Dimensions = settings.Dimensions }, stop, new Progress(this));
            if (model.Dimensions < 2)
            {
                return null;
            }
            made = new Generation(number, model, statistics, settings);
            ChunkToEmbed[] all = [.. chunks.Select((chunk, i) => new ChunkToEmbed(chunk, terms[i], ""))];
            float[] vectors = new float[model.BatchSize * model.Dimensions];
            for (int from = 0; from < all.Length; from += model.BatchSize)
            {
                stop.ThrowIfCancellationRequested();
                ArraySegment<ChunkToEmbed> batch = new(all, from, Math.Min(model.BatchSize, all.Length - from));
                model.Embed(batch, vectors, stop).AsTask().GetAwaiter().GetResult();
                made.Put(batch, vectors);
                Volatile.Write(ref done, 0.5 + (0.5 * from / all.Length));
            }
            Random random = new(1);
            IEnumerable<PendingChunk> sample = Enumerable.Range(0, Math.Min(CalibrationSamples, chunks.Length)).Select(_ => random.Next(chunks.Length)).Select(i => new PendingChunk(chunks[i], terms[i]));
            made.Weights = Calibration.Measure(sample, state.Words, model.Embed, made.Near(settings.EfSearch), cancel: stop);
            return made;
        }
        catch (OperationCanceledException)
        {
            made?.Release();
            return null;
        }
        catch
        {
            made?.Release();
            throw;
        }
    }

    private sealed class Progress(GenerationFit fit) : IProgress<double>
    {
        public void Report(double value) => Volatile.Write(ref fit.done, value / 2);
    }
}

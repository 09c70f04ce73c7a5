using ClawFS.Linux;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>
/// Makes a generation beside everything else: fits a model on the chunks of a moment, embeds them, builds their graph, measures what it is worth, and saves it. It counts only when it is taken.
/// </summary>
internal sealed class GenerationFit
{
    private const int CalibrationSamples = 200;

    /// <summary>Milliseconds between two tries to save vectors in a store that is full.</summary>
    private const int Rest = 10_000;

    private readonly IndexState state;
    private readonly GenerationOrder order;
    private readonly CancellationToken stop;
    private readonly Task<Generation?> work;
    private double done;
    private long nextFlush;

    /// <summary>Begins.</summary>
    /// <param name="order">What is wanted.</param>
    /// <param name="state">The chunks; called by the thread that changes them.</param>
    /// <param name="stop">Ends the work.</param>
    public GenerationFit(GenerationOrder order, IndexState state, CancellationToken stop)
    {
        this.state = state;
        this.order = order;
        this.stop = stop;
        List<PendingChunk> chunks = [];
        for (uint chunk = 0; chunk < state.Chunks.Count; chunk++)
        {
            if (state.Chunks[chunk].File is not null)
            {
                chunks.Add(new(chunk, state.TermsOf(chunk)));
            }
        }
        TermStatistics statistics = TermStatistics.Of(state.Words);
        work = Task.Factory.StartNew(() => Make(chunks, statistics), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Percent of the way.</summary>
    public int Percent => (int)(Volatile.Read(ref done) * 100);

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded => work.IsCompleted;

    /// <summary>The generation, held once for the caller; null if it was stopped, or the text has no two words in common. Rethrows what the work ran into.</summary>
    public Generation? Result => work.GetAwaiter().GetResult();

    private Generation? Make(List<PendingChunk> chunks, TermStatistics statistics)
    {
        BackgroundThread.Enter();
        Generation? made = null;
        try
        {
            LsiModel model = order.Model ?? LsiModel.Fit([.. chunks.Select(static chunk => chunk.Terms)], new LsiOptions { Dimensions = order.Settings.Dimensions }, stop, new Progress(this));
            if (model.Dimensions < 2)
            {
                return null;
            }
            VectorRows rows = new(order.OpenRows, model.Dimensions);
            made = new Generation(order.Number, model, statistics, order.Settings, rows);
            made.Writer = order.Tree is null ? null : new GenerationWriter(order.Tree, made, state.Terms);
            Embed(made, chunks);
            Random random = new(1);
            IEnumerable<PendingChunk> sample = Enumerable.Range(0, Math.Min(CalibrationSamples, chunks.Count)).Select(_ => chunks[random.Next(chunks.Count)]);
            made.Weights = Calibration.Measure(sample, state.Words, model.Embed, made.Near(order.Settings.EfSearch), cancel: stop);
            Save(made);
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

    private void Embed(Generation made, List<PendingChunk> chunks)
    {
        List<ChunkToEmbed> batch = [];
        float[] vectors = new float[made.Model.BatchSize * made.Dimensions];
        for (int i = 0; i <= chunks.Count; i++)
        {
            if (batch.Count == made.Model.BatchSize || i == chunks.Count)
            {
                stop.ThrowIfCancellationRequested();
                made.Model.Embed(batch, vectors, stop).AsTask().GetAwaiter().GetResult();
                made.Put(batch, vectors);
                Flush(made);
                batch.Clear();
                Volatile.Write(ref done, 0.5 + (0.5 * i / chunks.Count));
            }
            if (i < chunks.Count && state.Chunks[chunks[i].Chunk] is { File: not null } place)
            {
                batch.Add(new(chunks[i].Chunk, ChunkIdentity.Of(place), chunks[i].Terms, ""));
            }
        }
    }

    /// <summary>Rows that the store does not take stay in memory, and are brought there by whoever takes the generation.</summary>
    private void Flush(Generation made)
    {
        if (Environment.TickCount64 < nextFlush)
        {
            return;
        }
        try
        {
            made.Rows.Flush();
        }
        catch (StoreException refused)
        {
            order.Trouble(refused.Message);
            nextFlush = Environment.TickCount64 + Rest;
        }
    }

    private void Save(Generation made)
    {
        nextFlush = 0;
        Flush(made);
        if (made.Writer is null || made.Rows.IsBehind)
        {
            return;
        }
        try
        {
            made.Writer.Save(stop);
        }
        catch (StoreException refused)
        {
            order.Trouble(refused.Message);
        }
    }

    private sealed class Progress(GenerationFit fit) : IProgress<double>
    {
        public void Report(double value) => Volatile.Write(ref fit.done, value / 2);
    }
}

using ClawFS.Linux;
using ClawFS.Search.Embedder;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>
/// Makes a generation beside everything else: fits a model on the chunks of a moment or takes one from elsewhere, embeds them, builds their graph, measures what it is worth, and saves it. It counts only when it is taken.
/// </summary>
internal sealed class GenerationFit
{
    private const int CalibrationSamples = 200;

    /// <summary>Milliseconds between two tries to save vectors in a store that is full.</summary>
    private const int Rest = 10_000;

    /// <summary>Milliseconds before a batch that an embedder did not embed is given to it again.</summary>
    private const int AskAgain = 1000;

    private readonly IndexState state;
    private readonly GenerationOrder order;
    private readonly CancellationTokenSource stopping;
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
        stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        this.stop = stopping.Token;
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

    /// <summary>The model it is made with.</summary>
    public string ModelName => order.Model?.Name ?? LsiModel.LsiName;

    /// <summary>Percent of the way.</summary>
    public int Percent => (int)(Volatile.Read(ref done) * 100);

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded => work.IsCompleted;

    /// <summary>The generation, held once for the caller; null if it was stopped, or the text has no two words in common. Rethrows what the work ran into.</summary>
    public Generation? Result => work.GetAwaiter().GetResult();

    /// <summary>Whether it makes what the settings want.</summary>
    public bool IsFor(IndexSettings wanted) => (order.Settings.Embedder, order.Settings.Worker) == (wanted.Embedder, wanted.Worker);

    /// <summary>Ends it soon, without a result.</summary>
    public void Cancel() => stopping.Cancel();

    private Generation? Make(List<PendingChunk> chunks, TermStatistics statistics)
    {
        BackgroundThread.Enter();
        Generation? made = null;
        try
        {
            EmbeddingModel model = order.Model ?? LsiModel.Fit([.. chunks.Select(static chunk => chunk.Terms)], new LsiOptions { Dimensions = order.Settings.Dimensions }, stop, new Progress(this));
            if (model.Dimensions < 2)
            {
                return null;
            }
            VectorRows rows = new(order.OpenRows, model.Dimensions);
            made = new Generation(order.Number, model, statistics, order.Settings, rows);
            made.Writer = order.Tree is null ? null : new GenerationWriter(order.Tree, made, state.Terms);
            Embed(made, chunks);
            made.Weights = Measure(made, chunks);
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

    private FusionWeights Measure(Generation made, List<PendingChunk> chunks)
    {
        Random random = new(1);
        List<PendingChunk> sample = [.. Enumerable.Range(0, Math.Min(CalibrationSamples, chunks.Count)).Select(_ => chunks[random.Next(chunks.Count)])];
        VectorSearch near = made.Near(order.Settings.EfSearch);
        return made.Model is LsiModel lsi ? Calibration.Measure(sample, state.Words, lsi.Embed, near, cancel: stop)
            : Calibration.Measure(
                QuotedPassages.Of(sample, state, order.Text),
                questions =>
                {
                    float[] vectors = new float[questions.Count * made.Dimensions];
                    Embed(made.Model, questions, vectors);
                    return [.. vectors.Chunk(made.Dimensions)];
                },
                state.Words,
                near,
                stop);
    }

    /// <summary>Waits for an embedder that does not answer: nobody else waits for this thread.</summary>
    private void Embed(EmbeddingModel model, IReadOnlyList<ChunkToEmbed> batch, Memory<float> vectors)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                model.Embed(batch, vectors, stop).AsTask().GetAwaiter().GetResult();
                return;
            }
            catch (EmbedderException)
            {
                // The embedder has told why, and knows how long it wants to be left alone.
                stop.WaitHandle.WaitOne(AskAgain);
            }
        }
    }

    private void Embed(Generation made, List<PendingChunk> chunks)
    {
        double begun = order.Model is null ? 0.5 : 0;
        List<ChunkToEmbed> batch = [];
        float[] vectors = new float[made.Model.BatchSize * made.Dimensions];
        for (int i = 0; i <= chunks.Count; i++)
        {
            if (batch.Count == made.Model.BatchSize || i == chunks.Count)
            {
                Embed(made.Model, batch, vectors);
                made.Put(batch, vectors);
                Flush(made);
                batch.Clear();
                Volatile.Write(ref done, begun + ((1 - begun) * i / chunks.Count));
            }
            if (i < chunks.Count && state.Chunks[chunks[i].Chunk] is { File: not null } place)
            {
                batch.Add(new(chunks[i].Chunk, ChunkIdentity.Of(place), chunks[i].Terms, made.Model.ReadsText ? order.Text.Of(place) : ""));
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

using ClawFS.Search.Embedder;
using ClawFS.Search.Semantic;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>
/// The vectors of the index: the generation that searches use, the next one while it is made, and what the store has of them. Only the index's own thread calls it, but for <see cref="Hold"/> and what tells of it.
/// </summary>
/// <param name="tree">The store.</param>
/// <param name="isReadOnly">Whether nothing can be saved.</param>
/// <param name="settings">How generations are made.</param>
/// <param name="embedders">Brings models that run in other processes.</param>
/// <param name="report">Told what goes wrong, a line each.</param>
/// <param name="stop">Ends all work.</param>
internal sealed class VectorSide(StoredTree tree, bool isReadOnly, Func<IndexSettings> settings, EmbedderChoice embedders, Action<string> report, CancellationToken stop) : IDisposable
{
    /// <summary>Milliseconds of embedding in a step: files that changed wait for it.</summary>
    private const int Slice = 50;

    private NewWords words = new();
    private readonly VectorSaving saving = new(tree, stop);
    private volatile Generation? current;
    private volatile VectorView? warming;
    private bool isWarmingTold;
    private ChunkEmbedding? embedding;
    private GenerationFit? fit;
    private Task<Generation>? load;
    private int number;

    /// <summary>Percent of the generation that is being made, -1: none is.</summary>
    public int Percent => fit?.Percent ?? -1;

    /// <summary>Fits that were begun since the store was opened.</summary>
    public int Fits { get; private set; }

    /// <summary>Whether a saved generation is being loaded.</summary>
    public bool IsLoading => load is not null;

    /// <summary>Chunks that wait for their vector.</summary>
    public int Waiting => embedding?.Waiting ?? 0;

    /// <summary>Whether chunks wait for vectors that can be had now.</summary>
    public bool IsBusy => embedding?.IsBusy ?? false;

    /// <summary>The model of the generation that is being made; null while none is.</summary>
    public string? Next => fit?.ModelName;

    /// <summary>What keeps vectors out of the store, or an embedder from making them; null when nothing does.</summary>
    public string? Trouble => saving.Trouble ?? embedders.Trouble ?? (current?.Model as WorkerModel)?.Embedder.Trouble;

    /// <summary>The generation that searches use, held for the caller; null while there is none.</summary>
    public Generation? Hold()
    {
        for (Generation? now = current; now is not null; now = current)
        {
            if (now.TryHold())
            {
                return now;
            }
        }
        return null;
    }

    /// <summary>What searches use while a saved generation is being loaded: they read all of its vectors. Null before that is possible, and when none is loaded.</summary>
    public VectorView? Warming => current is null ? warming : null;

    /// <summary>Begins to load what was saved. Searches go on by words, then by reading all vectors, until <see cref="Step"/> takes it.</summary>
    public void Open(IndexState state)
    {
        try
        {
            number = GenerationFiles.Current(tree);
            if (!isReadOnly)
            {
                // What a kill may have left beside the one that counts.
                GenerationFiles.Delete(tree, number - 1);
                GenerationFiles.Delete(tree, number + 1);
            }
        }
        catch (InvalidDataException wrong)
        {
            report($"the vectors are made anew: {wrong.Message}");
        }
        if (number > 0 && settings().Embedder != "none")
        {
            WorkerEmbedder? worker = embedders.Begin(settings().Worker);
            EmbeddingModel? Find(string name, int dimensions) => worker is null ? null : new WorkerModel(worker, name, dimensions);
            load = Task.Factory.StartNew(() => GenerationReader.Read(tree, number, state, Find, isReadOnly, view => warming = view, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Lets go of the vectors, because chunks and terms are about to get other numbers; they are made anew afterwards.</summary>
    /// <returns>False: not now, some are being made or loaded, or they came from another process and may have cost money.</returns>
    public bool TryForget()
    {
        if (fit is not null || load is not null || current?.Model is WorkerModel)
        {
            return false;
        }
        words = new();
        embedding = null;
        if (current is { } generation)
        {
            current = null;
            saving.Retire(generation.Number, generation);
            generation.Release();
        }
        return true;
    }

    /// <summary>A chunk came (true) or went.</summary>
    public void ChunkChanged(uint chunk, bool came)
    {
        if (came)
        {
            words.Note(chunk);
            embedding?.Want(chunk);
        }
        else
        {
            current?.Remove(chunk);
        }
    }

    /// <summary>Embeds chunks that wait, takes a generation that is finished, begins one that is due, and sees to what is saved.</summary>
    /// <returns>Whether searches find something else now.</returns>
    public bool Step(IndexState state, bool isIdle)
    {
        if (TakeFinished(state) || DropUnwanted(state))
        {
            return true;
        }
        if (load is not null && Warming is not null && !isWarmingTold)
        {
            return isWarmingTold = true;
        }
        WorkerModel? other = embedders.Step(settings().Worker, current?.Model);
        if (fit is not null && !fit.IsFor(settings()))
        {
            fit.Cancel();
        }
        if (isIdle && fit is null && load is null && GenerationOrder.IsDue(state, current, words, settings(), other, out EmbeddingModel? model))
        {
            Fits += model is null ? 1 : 0;
            fit = new GenerationFit(
                new GenerationOrder { Number = number + 1, Settings = settings(), Model = model, Text = new ChunkText(tree), Tree = isReadOnly ? null : tree, Trouble = saving.Refused }, state, stop);
        }
        bool changed = embedding?.Step(Slice) ?? false;
        if (current is { } generation)
        {
            FindLost(generation, state);
            saving.Step(generation, isIdle && !IsBusy);
        }
        return changed;
    }

    /// <summary>Heals the graph a little; whether there is more to heal.</summary>
    public bool Repair() => current?.Repair(stop) ?? false;

    /// <summary>Saves what changed and frees everything. The token that it was made with is cancelled, and nobody begins a search any more.</summary>
    public void Dispose()
    {
        Unused(load);
        fit?.Result?.Release();
        saving.Dispose();
        embedders.Took(null, current?.Model);
        embedders.Dispose();
        if (current is { } generation)
        {
            saving.SaveLast(generation);
            generation.Release();
        }
        current = null;
        warming = null;
    }

    private static void Unused(Task<Generation>? load)
    {
        try
        {
            load?.GetAwaiter().GetResult().Release();
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidDataException or StoreException or OutOfMemoryException)
        {
            // Nobody wants it any more, whatever it is.
        }
    }

    private bool TakeFinished(IndexState state)
    {
        if (load is { IsCompleted: true } loaded)
        {
            load = null;
            bool isTaken = TakeLoaded(loaded, state);
            warming = null;
            return isTaken;
        }
        if (fit is { IsEnded: true } ended)
        {
            fit = null;
            if (ended.Result is { } made)
            {
                if (ended.IsFor(settings()))
                {
                    Take(made, state);
                    return true;
                }
                made.Release();
            }
        }
        return false;
    }

    private bool TakeLoaded(Task<Generation> loaded, IndexState state)
    {
        try
        {
            Take(loaded.GetAwaiter().GetResult(), state);
            saving.IsCurrent(number);
            return true;
        }
        catch (Exception refused) when (refused is InvalidDataException or StoreException or OutOfMemoryException)
        {
            report($"the vectors of generation {number} are made anew: {refused.Message}");
            saving.Retire(number, null);
            return false;
        }
    }

    private bool DropUnwanted(IndexState state)
    {
        // A model that is to be fitted and has too little text for it leaves nothing to wait for.
        IndexSettings wanted = settings();
        bool isUnwanted = wanted.Embedder == "none" || (wanted.Worker is null && current?.Model is WorkerModel && state.Chunks.Live < GenerationOrder.LeastChunks);
        if (!isUnwanted || current is not { } unwanted)
        {
            return false;
        }
        current = null;
        embedding = null;
        embedders.Took(null, unwanted.Model);
        unwanted.Release();
        return true;
    }

    /// <summary>Puts a generation that was made of an earlier moment in the place of the one that searches use; what came since follows.</summary>
    private void Take(Generation made, IndexState state)
    {
        embedding = new ChunkEmbedding(made, state, new ChunkText(tree), stop);
        for (uint chunk = 0; chunk < state.Chunks.Count; chunk++)
        {
            bool lives = state.Chunks[chunk].File is not null;
            if (lives && !made.Contains(chunk))
            {
                embedding.Want(chunk);
            }
            else if (!lives)
            {
                made.Remove(chunk);
            }
        }
        Generation? old = current;
        number = made.Number;
        current = made;
        embedders.Took(made.Model, old?.Model);
        if (old is not null)
        {
            saving.Retire(old.Number, old);
            old.Release();
        }
    }

    /// <summary>Chunks whose rows the store does not have any more get others.</summary>
    private void FindLost(Generation generation, IndexState state)
    {
        while (generation.Rows.TryTakeLost(out uint chunk))
        {
            if (state.Chunks[chunk].File is not null && generation.Rows[chunk].Row != 0)
            {
                generation.Remove(chunk);
                embedding?.Want(chunk);
            }
        }
    }
}

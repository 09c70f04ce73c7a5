namespace ClawFS.Search.Index;

/// <summary>
/// The vectors of the index: the generation that searches use, and the next one while it is made. Only the index's own thread calls it, but for <see cref="Hold"/>.
/// </summary>
internal sealed class VectorSide(Func<IndexSettings> settings, ChunkText text, CancellationToken stop) : IDisposable
{
    /// <summary>Milliseconds of embedding in a step: files that changed wait for it.</summary>
    private const int Slice = 50;

    private volatile Generation? current;
    private ChunkEmbedding? embedding;
    private GenerationFit? fit;

    /// <summary>Percent of the generation that is being made, -1: none is.</summary>
    public int Percent => fit?.Percent ?? -1;

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

    /// <summary>Chunks that wait for their vector.</summary>
    public int Waiting => embedding?.Waiting ?? 0;

    /// <summary>A chunk came (true) or went.</summary>
    public void ChunkChanged(uint chunk, bool came)
    {
        if (came)
        {
            embedding?.Want(chunk);
        }
        else
        {
            current?.Remove(chunk);
        }
    }

    /// <summary>Embeds chunks that wait, takes a generation that is finished, and begins one that is due.</summary>
    /// <returns>Whether searches find something else now.</returns>
    public bool Step(IndexState state, bool isIdle)
    {
        if (fit is { IsEnded: true } ended)
        {
            fit = null;
            if (ended.Result is { } made)
            {
                Take(made, state);
                return true;
            }
        }
        if (settings().Embedder == "none" && current is { } unwanted)
        {
            current = null;
            embedding = null;
            unwanted.Release();
            return true;
        }
        if (isIdle && fit is null)
        {
            fit = GenerationFit.BeginIfDue(state, current, settings(), stop);
        }
        return embedding?.Step(Slice) ?? false;
    }

    /// <summary>Heals the graph a little; whether there is more to heal.</summary>
    public bool Repair() => current?.Repair(stop) ?? false;

    /// <summary>Frees everything. The token that it was made with is cancelled, and nobody begins a search any more.</summary>
    public void Dispose()
    {
        if (fit?.Result is { } unused)
        {
            unused.Release();
        }
        current?.Release();
        current = null;
    }

    /// <summary>Puts a generation that was made of an earlier moment in the place of the one that searches use; what came since follows.</summary>
    private void Take(Generation made, IndexState state)
    {
        embedding = new ChunkEmbedding(made, state, text, stop);
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
        current = made;
        old?.Release();
    }
}

using ClawFS.Search.Embedder;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Index;

/// <summary>
/// Gives chunks their vectors, a batch at a time: at once where the model answers at once, else with one batch under way while the index goes on. For one thread at a time.
/// </summary>
/// <param name="generation">Where the vectors go.</param>
/// <param name="state">The chunks.</param>
/// <param name="text">Their text, for a model that reads it.</param>
/// <param name="stop">Ends a batch that is under way.</param>
internal sealed class ChunkEmbedding(Generation generation, IndexState state, ChunkText text, CancellationToken stop)
{
    private readonly Queue<uint> waiting = new();
    private readonly List<ChunkToEmbed> batch = new(generation.Model.BatchSize);
    private readonly float[] vectors = new float[generation.Model.BatchSize * generation.Dimensions];
    private Task underWay = Task.CompletedTask;
    private long askAgainAt;

    /// <summary>Milliseconds before a batch that an embedder did not embed is given to it again; how long it is left alone it knows itself.</summary>
    private const int AskAgain = 1000;

    /// <summary>Whether there is something to do before <see cref="AskAgain"/> is over.</summary>
    public bool IsBusy => Waiting > 0 && Environment.TickCount64 >= askAgainAt;

    /// <summary>Chunks that have no vector yet.</summary>
    public int Waiting => waiting.Count + batch.Count;

    /// <summary>Notes a chunk that wants a vector. One that is gone when its turn comes gets none.</summary>
    public void Want(uint chunk) => waiting.Enqueue(chunk);

    /// <summary>Goes on for a while.</summary>
    /// <param name="milliseconds">After so many the call ends, at the end of a batch; also as soon as there is something to wait for.</param>
    /// <returns>Whether chunks got vectors.</returns>
    public bool Step(int milliseconds)
    {
        long end = Environment.TickCount64 + milliseconds;
        bool changed = false;
        while (IsBusy && !stop.IsCancellationRequested)
        {
            if (batch.Count == 0 || underWay.IsFaulted)
            {
                if (batch.Count == 0)
                {
                    Gather();
                }
                underWay = generation.Model.Embed(batch, vectors.AsMemory(0, batch.Count * generation.Dimensions), stop).AsTask();
            }
            if (!underWay.IsCompleted)
            {
                break;
            }
            if (underWay.Exception?.InnerException is EmbedderException)
            {
                askAgainAt = Environment.TickCount64 + AskAgain;
                break;
            }
            underWay.GetAwaiter().GetResult();
            Put();
            changed = true;
            if (Environment.TickCount64 >= end)
            {
                break;
            }
        }
        return changed;
    }

    private void Gather()
    {
        while (batch.Count < generation.Model.BatchSize && waiting.TryDequeue(out uint chunk))
        {
            ChunkPlace place = state.Chunks[chunk];
            if (place.File is not null && !generation.Contains(chunk))
            {
                batch.Add(new(chunk, ChunkIdentity.Of(place), state.TermsOf(chunk), generation.Model.ReadsText ? text.Of(place) : ""));
            }
        }
    }

    private void Put()
    {
        for (int i = 0; i < batch.Count; i++)
        {
            if (state.Chunks[batch[i].Chunk].File is null)
            {
                // It went while its vector was made.
                vectors.AsSpan(i * generation.Dimensions, generation.Dimensions).Clear();
            }
        }
        generation.Put(batch, vectors);
        batch.Clear();
    }
}

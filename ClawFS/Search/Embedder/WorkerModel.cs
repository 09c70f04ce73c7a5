using System.Text;
using ClawFS.Embedding;
using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Embedder;

/// <summary>The model of a generation whose vectors come from a worker: its name and dimensions are those with which the generation began.</summary>
internal sealed class WorkerModel : EmbeddingModel
{
    /// <summary>Bytes of a text beyond which models read no more: some 2,000 words.</summary>
    private const int MaxText = EmbedLimits.MaxText;

    /// <summary>Questions whose vectors are kept.</summary>
    private const int QuestionsKept = 512;

    private readonly Lock gate = new();
    private readonly ReadyFrame wanted;
    private readonly Dictionary<string, Task<QueryVector>> questions = [];
    private readonly Queue<string> order = new();

    /// <summary>Makes a model.</summary>
    /// <param name="embedder">Where vectors come from.</param>
    /// <param name="name">The name with which the generation begins, or began.</param>
    /// <param name="dimensions">Its dimensions.</param>
    public WorkerModel(WorkerEmbedder embedder, string name, int dimensions)
    {
        Embedder = embedder;
        Name = name;
        Dimensions = dimensions;
        wanted = new ReadyFrame(dimensions, name);
    }

    /// <summary>Where vectors come from.</summary>
    public WorkerEmbedder Embedder { get; private set; }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int Dimensions { get; }

    /// <inheritdoc/>
    public override long FittedOn => 0;

    /// <inheritdoc/>
    public override long MemoryBytes => questions.Count * (4L * Dimensions);

    /// <inheritdoc/>
    public override bool ReadsText => true;

    /// <inheritdoc/>
    public override int BatchSize => EmbedLimits.MaxTexts;

    /// <inheritdoc/>
    public override int TermBound => 0;

    /// <inheritdoc/>
    public override byte[] ToBytes() => [];

    /// <summary>Whether the embedder answers with another model: the folder or server may have one under the same settings.</summary>
    public bool IsReplaced => Embedder.Known is { } known && known != wanted;

    /// <summary>Takes another embedder of the same model: its settings have changed.</summary>
    /// <returns>The one before.</returns>
    public WorkerEmbedder Use(WorkerEmbedder embedder)
    {
        WorkerEmbedder before = Embedder;
        Embedder = embedder;
        return before;
    }

    /// <inheritdoc/>
    public override ValueTask<QueryVector> EmbedQuery(string text, QueryTerms terms, CancellationToken cancel)
    {
        text = Cut(text);
        lock (gate)
        {
            // A failure is not kept: asking again is refused at once while the embedder is left alone.
            if (questions.TryGetValue(text, out Task<QueryVector>? known) && known is { IsFaulted: false, IsCanceled: false })
            {
                return new(known);
            }
            if (known is null)
            {
                order.Enqueue(text);
                if (order.Count > QuestionsKept)
                {
                    questions.Remove(order.Dequeue());
                }
            }
            return new(questions[text] = AskAsync(text));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask Embed(IReadOnlyList<ChunkToEmbed> chunks, Memory<float> vectors, CancellationToken cancel)
    {
        vectors.Span.Clear();
        // A text that is gone gets no vector, and servers refuse empty ones.
        Queue<int> left = new(Enumerable.Range(0, chunks.Count).Where(i => !string.IsNullOrWhiteSpace(chunks[i].Text)));
        while (left.Count > 0)
        {
            List<int> places = [];
            List<string> texts = [];
            int bytes = EmbedWire.TextsHead;
            while (left.TryPeek(out int next))
            {
                string text = Cut(chunks[next].Text);
                bytes += EmbedWire.SizeOf(text);
                if (bytes > EmbedLimits.MaxFrame)
                {
                    break;
                }
                texts.Add(text);
                places.Add(left.Dequeue());
            }
            float[]?[] made = await EmbedAsync(texts).WaitAsync(cancel).ConfigureAwait(false);
            for (int i = 0; i < made.Length; i++)
            {
                made[i]?.CopyTo(vectors.Span.Slice(places[i] * Dimensions, Dimensions));
            }
        }
    }

    /// <summary>The vectors of passages; null for one that the model refuses for itself, or that has no direction.</summary>
    private async Task<float[]?[]> EmbedAsync(IReadOnlyList<string> texts)
    {
        try
        {
            return [.. (await Embedder.EmbedAsync(texts, isQuestion: false, wanted).ConfigureAwait(false)).Select(Normalised)];
        }
        catch (EmbedderException refused) when (refused.Kind == EmbedFailureKind.Refused)
        {
            if (texts.Count == 1)
            {
                return [null];
            }
            float[]?[] each = new float[texts.Count][];
            for (int i = 0; i < texts.Count; i++)
            {
                each[i] = (await EmbedAsync([texts[i]]).ConfigureAwait(false))[0];
            }
            return each;
        }
    }

    private async Task<QueryVector> AskAsync(string text)
    {
        float[][] vectors = await Embedder.EmbedAsync([text], isQuestion: true, wanted).ConfigureAwait(false);
        return Normalised(vectors[0]) is { } vector ? new QueryVector(vector, 1) : QueryVector.None;
    }

    /// <summary>As much of a text as goes into a frame.</summary>
    private static string Cut(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= MaxText)
        {
            return text;
        }
        // At most three bytes for each char.
        int length = MaxText / 3;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private static float[]? Normalised(float[] vector)
    {
        double squares = 0;
        foreach (float value in vector)
        {
            squares += (double)value * value;
        }
        if (!(squares > 0) || double.IsInfinity(squares))
        {
            return null;
        }
        float scale = (float)(1 / Math.Sqrt(squares));
        return [.. vector.Select(value => value * scale)];
    }
}

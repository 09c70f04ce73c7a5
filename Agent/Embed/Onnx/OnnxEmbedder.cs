using ClawFS.Embedding;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Tokenizers;

namespace ClawOS.Embed.Onnx;

/// <summary>
/// A BERT-family model on this machine: tokens in, one vector a token out, of which the mean over the text's tokens (or the first) is its vector, of length 1. A model that
/// gives one vector a text is taken at its word.
/// </summary>
internal sealed class OnnxEmbedder : TextEmbedder
{
    /// <summary>Texts of one run: more use more memory and are hardly faster.</summary>
    private const int TextsPerRun = 8;

    private readonly InferenceSession session;
    private readonly BertTokenizer tokenizer;
    private readonly int maxTokens;
    private readonly bool isFirstToken;
    private readonly string output;
    private int dimensions;

    private OnnxEmbedder(InferenceSession session, ModelFolder folder, BertTokenizer tokenizer)
    {
        this.session = session;
        this.tokenizer = tokenizer;
        maxTokens = folder.MaxTokens;
        isFirstToken = folder.IsFirstToken;
        Name = folder.MakeName(tokenizer);
        output = ((string[])["last_hidden_state", "token_embeddings", "sentence_embedding"]).FirstOrDefault(session.OutputMetadata.ContainsKey) ?? session.OutputNames[0];
    }

    /// <inheritdoc/>
    internal override string Name { get; }

    /// <inheritdoc/>
    internal override int Dimensions => dimensions;

    /// <summary>Loads a model and runs it once.</summary>
    /// <param name="path">Its folder.</param>
    /// <exception cref="EmbedException">It cannot be used; the reason says why.</exception>
    internal static OnnxEmbedder Open(string path)
    {
        ModelFolder folder = new(path);
        BertTokenizer tokenizer = folder.MakeTokenizer();
        OnnxEmbedder? made = null;
        try
        {
            // Half of the machine: the file system and whoever uses it run beside.
            using SessionOptions options = new() { IntraOpNumThreads = Math.Max(1, Environment.ProcessorCount / 2), InterOpNumThreads = 1 };
            options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
            made = new OnnxEmbedder(new InferenceSession(folder.ModelFile, options), folder, tokenizer);
            string[] unknown = [.. made.session.InputNames.Except(["input_ids", "attention_mask", "token_type_ids"])];
            if (unknown.Length > 0 || !made.session.InputMetadata.ContainsKey("input_ids"))
            {
                throw Unusable(path, unknown.Length > 0 ? $"wants an input {unknown[0]} that a BERT model has not" : "has no input input_ids");
            }
            made.dimensions = made.Run(["dimensions"], CancellationToken.None)[0].Length;
            return made.dimensions is >= EmbedLimits.LeastDimensions and <= EmbedLimits.MostDimensions ? made : throw Unusable(path, $"gives {made.dimensions} dimensions");
        }
        catch (OnnxRuntimeException wrong)
        {
            made?.Dispose();
            throw new EmbedException(EmbedFailureKind.Unusable, $"{path}: ONNX Runtime refuses the model: {OneLine.Of(wrong.Message, 250)}", inner: wrong);
        }
        catch
        {
            made?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancel)
    {
        float[][] vectors = new float[texts.Count][];
        try
        {
            for (int first = 0; first < texts.Count; first += TextsPerRun)
            {
                cancel.ThrowIfCancellationRequested();
                Run([.. texts.Skip(first).Take(TextsPerRun)], cancel).CopyTo(vectors, first);
            }
        }
        catch (OnnxRuntimeException failed)
        {
            throw new EmbedException(EmbedFailureKind.Again, $"ONNX Runtime: {OneLine.Of(failed.Message, 250)}", inner: failed);
        }
        return Task.FromResult(vectors);
    }

    /// <inheritdoc/>
    public override void Dispose() => session.Dispose();

    private float[][] Run(IReadOnlyList<string> texts, CancellationToken cancel)
    {
        int[][] tokens = [.. texts.Select(text => tokenizer.EncodeToIds(text, maxTokens, out _, out _).ToArray())];
        int length = tokens.Max(static text => text.Length);
        DenseTensor<long> ids = new([texts.Count, length]), mask = new([texts.Count, length]), types = new([texts.Count, length]);
        for (int text = 0; text < texts.Count; text++)
        {
            for (int i = 0; i < length; i++)
            {
                bool isThere = i < tokens[text].Length;
                ids[text, i] = isThere ? tokens[text][i] : tokenizer.PaddingTokenId;
                mask[text, i] = isThere ? 1 : 0;
            }
        }
        List<NamedOnnxValue> inputs = [NamedOnnxValue.CreateFromTensor("input_ids", ids)];
        if (session.InputMetadata.ContainsKey("attention_mask"))
        {
            inputs.Add(NamedOnnxValue.CreateFromTensor("attention_mask", mask));
        }
        if (session.InputMetadata.ContainsKey("token_type_ids"))
        {
            inputs.Add(NamedOnnxValue.CreateFromTensor("token_type_ids", types));
        }
        using RunOptions options = new();
        using CancellationTokenRegistration ends = cancel.Register(() => options.Terminate = true);
        try
        {
            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run(inputs, [output], options);
            return Pool(outputs[0].AsTensor<float>() as DenseTensor<float> ?? throw Unusable(output, "is no tensor of floats"), tokens);
        }
        catch (OnnxRuntimeException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
    }

    private float[][] Pool(DenseTensor<float> values, int[][] tokens)
    {
        ReadOnlySpan<int> shape = values.Dimensions;
        int width = shape[^1];
        bool isPerToken = shape.Length == 3;
        if (shape[0] != tokens.Length || shape.Length is not (2 or 3))
        {
            throw Unusable(output, $"has {shape.Length} axes");
        }
        ReadOnlySpan<float> all = values.Buffer.Span;
        float[][] vectors = new float[tokens.Length][];
        for (int text = 0; text < tokens.Length; text++)
        {
            float[] vector = vectors[text] = new float[width];
            int rows = isPerToken && !isFirstToken ? Math.Min(tokens[text].Length, shape[1]) : 1;
            ReadOnlySpan<float> from = all[(text * (isPerToken ? shape[1] : 1) * width)..];
            for (int row = 0; row < rows; row++)
            {
                for (int i = 0; i < width; i++)
                {
                    vector[i] += from[(row * width) + i];
                }
            }
            Normalise(vector);
        }
        return vectors;
    }

    /// <summary>The mean and the sum have the same direction, so the length is set once.</summary>
    private static void Normalise(Span<float> vector)
    {
        double squares = 0;
        foreach (float value in vector)
        {
            squares += (double)value * value;
        }
        float scale = squares > 0 ? (float)(1 / Math.Sqrt(squares)) : 0;
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] *= scale;
        }
    }

    private static EmbedException Unusable(string what, string reason) => new(EmbedFailureKind.Unusable, $"{what}: {reason}");
}

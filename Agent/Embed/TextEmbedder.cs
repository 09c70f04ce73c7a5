using ClawFS.Embedding;
using ClawOS.Embed.Onnx;
using ClawOS.Embed.Remote;

namespace ClawOS.Embed;

/// <summary>Makes vectors of texts. Calls may come from two threads at once: passages, and a question beside them.</summary>
internal abstract class TextEmbedder : IDisposable
{
    /// <summary>Names the model and its version.</summary>
    internal abstract string Name { get; }

    /// <summary>Numbers of a vector.</summary>
    internal abstract int Dimensions { get; }

    /// <summary>Makes an embedder and tries it once.</summary>
    /// <param name="settings">What with.</param>
    /// <param name="mayUseNetwork">Whether this process was started for a remote one.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="EmbedException">It cannot be had.</exception>
    internal static async Task<TextEmbedder> OpenAsync(EmbedderSettings settings, bool mayUseNetwork, CancellationToken cancel)
    {
        if (settings.IsRemote != mayUseNetwork)
        {
            throw new EmbedException(EmbedFailureKind.Unusable, $"this worker was started {(mayUseNetwork ? "for a remote embedder" : "without network")}");
        }
        return settings.IsRemote ? await HttpEmbedder.OpenAsync(settings, ServerKey.Read(settings.KeyFile), cancel) : OnnxEmbedder.Open(settings.Model);
    }

    /// <summary>The vectors of texts, in their order.</summary>
    /// <exception cref="EmbedException">There are none.</exception>
    /// <exception cref="OperationCanceledException">Out of time.</exception>
    internal abstract Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancel);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

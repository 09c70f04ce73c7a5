using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>A file that shows an answer: whoever opens it waits until there can be one.</summary>
/// <param name="render">Its bytes.</param>
/// <param name="preparing">What it waits for.</param>
/// <param name="wakesFolder">Whether who watches its folder is woken as well: by an answer of a standing query that is another one.</param>
internal sealed class AnswerFile(Func<byte[]> render, Func<Task?> preparing, bool wakesFolder = false) : GeneratedFile(render, keep: TimeSpan.Zero)
{
    /// <inheritdoc/>
    protected override bool WakesFolder => wakesFolder;

    /// <inheritdoc/>
    protected override Task? Preparing() => preparing();
}

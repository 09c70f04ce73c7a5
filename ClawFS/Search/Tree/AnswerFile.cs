using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>A file that shows an answer: whoever opens it waits until there can be one.</summary>
internal sealed class AnswerFile(Func<byte[]> render, Func<Task?> preparing) : GeneratedFile(render, keep: TimeSpan.Zero)
{
    /// <inheritdoc/>
    protected override Task? Preparing() => preparing();
}

using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>`results.tsv` of a standing query: who watches it, or its folder, is woken when the answer is another one.</summary>
internal sealed class ResultsFile(Func<byte[]> render) : GeneratedFile(render, keep: TimeSpan.Zero)
{
    /// <inheritdoc/>
    protected override bool WakesFolder => true;
}

using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>`hits/` of a question. Of a standing one the files may be removed, so that rm -r comes through; they are back with the next answer.</summary>
internal sealed class QuestionHits(Question question) : HitFolder
{
    private readonly Lock gate = new();
    private readonly HashSet<string> removed = new(StringComparer.Ordinal);
    private SearchView? removedFrom;

    /// <inheritdoc/>
    protected override SearchView View => question.View;

    /// <inheritdoc/>
    protected override Task? Preparing() => question.Preparing();

    /// <inheritdoc/>
    protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name) =>
        IsRemoved(Encoding.UTF8.GetString(name)) ? null : base.FindDynamic(request, name);

    /// <inheritdoc/>
    protected override bool IsCurrent(GeneratedNode node) => node is HitFile file && !IsRemoved(HitFile.NameOf(file.Hit)) && base.IsCurrent(node);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, uint Mode)> ListDynamic() => base.ListDynamic().Where(hit => !IsRemoved(hit.Name));

    /// <inheritdoc/>
    protected override Errno RemoveChild(Request request, ReadOnlySpan<byte> name, GeneratedNode child)
    {
        if (!question.IsRemovable)
        {
            return Errno.EROFS;
        }
        SearchView view = View;
        lock (gate)
        {
            if (removedFrom != view)
            {
                removed.Clear();
            }
            removedFrom = view;
            removed.Add(Encoding.UTF8.GetString(name));
        }
        return Errno.Ok;
    }

    private bool IsRemoved(string name)
    {
        SearchView view = View;
        lock (gate)
        {
            return removedFrom == view && removed.Contains(name);
        }
    }
}

using System.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>A folder that holds an answer: `01-notes.md` and so on, made when they are looked up or listed.</summary>
internal abstract class HitFolder : GeneratedFolder
{
    /// <summary>The answer to show now; asked often, so it is kept by whoever gives it.</summary>
    protected abstract SearchView View { get; }

    /// <inheritdoc/>
    protected override bool IsVolatile => true;

    /// <inheritdoc/>
    protected override Task? Preparing(ReadOnlySpan<byte> name) => Preparing();

    /// <inheritdoc/>
    protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name)
    {
        SearchView view = View;
        return view.Find(Encoding.UTF8.GetString(name)) is { } hit && view.Stored is { } stored ? new HitFile(hit, stored) : null;
    }

    /// <inheritdoc/>
    protected override bool IsCurrent(GeneratedNode node) =>
        node is not HitFile file || View.Answer.Hits.Any(hit => hit == file.Hit);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, uint Mode)> ListDynamic() =>
        View.Answer.Hits.Select(static hit => (HitFile.NameOf(hit), FileMode.Regular));
}

using System.Text;
using ClawFS.Store;

namespace ClawFS.Search.Tree;

/// <summary>An answer with what its files are read from.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Stored">The store it is about; null while it is locked.</param>
internal sealed record SearchView(SearchAnswer Answer, StoredTree? Stored)
{
    /// <summary>`results.tsv`.</summary>
    public byte[] Table { get; } = Encoding.UTF8.GetBytes(Answer.ToTable());

    /// <summary>The hit whose file has this name.</summary>
    public SearchHit? Find(string name) => Answer.Hits.FirstOrDefault(hit => HitFile.NameOf(hit) == name);
}

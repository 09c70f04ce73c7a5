using System.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>
/// `/claw/search`: a name looked up is a question. Questions are never listed, so that `ls -R`, `find` and `grep -r` ask none, and names that programs look
/// for by themselves are none.
/// </summary>
public sealed class SearchFolder : GeneratedFolder
{
    /// <summary>The name in the root.</summary>
    public const string FileName = "search";

    /// <summary>The owner alone, as with memory/: what is found is what lies there.</summary>
    private const uint OwnerOnly = 0x1C0;

    private readonly AnswerCache answers;
    private readonly SavedFolder saved;

    /// <summary>Makes the folder.</summary>
    /// <param name="service">What answers; null while the store is locked.</param>
    /// <param name="errors">Where refusals of what is written are explained.</param>
    /// <param name="mountFolder">Where the tree is mounted, for the examples.</param>
    public SearchFolder(Func<SearchService?> service, ErrorLog errors, string mountFolder) : base(OwnerOnly)
    {
        answers = new AnswerCache(service);
        Add("README", SearchReadme.Build(mountFolder));
        saved = new SavedFolder(errors);
        Add(SavedFolder.FileName, saved);
        Add(CloneFile.FileName, new CloneFile(new QuestionHandles(this, answers, errors)));
    }

    /// <summary>Shows the standing queries of a store that was opened, or none: it is about to be closed.</summary>
    public void Show(SearchService? opened) => saved.Show(opened);

    /// <summary>The notify worker wakes who watches a standing query.</summary>
    protected override bool IsPassage => true;

    /// <inheritdoc/>
    protected override bool IsVolatile => true;

    /// <inheritdoc/>
    protected override Task? Preparing(ReadOnlySpan<byte> name)
    {
        string query = Encoding.UTF8.GetString(name);
        return QueryNames.IsQuery(query) && !IsFixed(name) ? answers.Preparing(query) : null;
    }

    /// <inheritdoc/>
    protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name)
    {
        string query = Encoding.UTF8.GetString(name);
        return QueryNames.IsQuery(query) ? new QueryFolder(answers, query) : null;
    }
}

using System.Text;
using System.Text.Unicode;
using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>`policy/draft/`: any text under any name, kept, never in effect. Moving one to `active/` puts it into effect.</summary>
internal sealed class DraftFolder(LivePolicies policies, ErrorLog errors) : TextFolder(policies, errors)
{
    public const string FileName = "draft";

    /// <inheritdoc/>
    protected override string? KeyOf(ReadOnlySpan<byte> name) =>
        Utf8.IsValid(name) && Encoding.UTF8.GetString(name) is var text && FileNames.IsDraft(text) ? text : null;

    /// <inheritdoc/>
    protected override bool IsShown(PolicyState state, string key) => state.Drafts.ContainsKey(key);

    /// <inheritdoc/>
    protected override PolicyState With(PolicyState state, string key, KeptText text) => state with { Drafts = state.Drafts.SetItem(key, text) };

    /// <inheritdoc/>
    protected override PolicyState Without(PolicyState state, FolderFile file) =>
        KeyOf(file.FileName) is { } key ? state with { Drafts = state.Drafts.Remove(key) } : state;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, KeptText Text)> TextsOf(PolicyState state) => state.Drafts.Select(static pair => (pair.Key, pair.Value));
}

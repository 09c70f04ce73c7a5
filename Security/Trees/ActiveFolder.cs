using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Trees;

/// <summary>
/// `policy/active/`: NAME.toml is the policy NAME, in effect from the save that is accepted. One that is not valid is refused, and the old one stays.
/// </summary>
/// <remarks>
/// Editors save by renaming x.toml to x.toml~ and writing x.toml anew: between the two nothing has been saved, so the policy stays in effect, aside, until x.toml is saved, the backup
/// is renamed back, or it is removed, which removes the policy. A rename to any other name that is no policy removes it at once.
/// </remarks>
internal sealed class ActiveFolder(LivePolicies policies, ErrorLog errors) : TextFolder(policies, errors)
{
    public const string FileName = "active";

    private readonly Dictionary<string, FolderFile> aside = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void Show()
    {
        aside.Clear();
        base.Show();
    }

    /// <summary>Damaged policies cannot be told; a new one can be saved.</summary>
    protected override Errno Unlisted => Policies.IsDamaged ? Errno.EIO : Closed;

    /// <inheritdoc/>
    protected override string? KeyOf(ReadOnlySpan<byte> name) => FileNames.PolicyOf(name);

    /// <inheritdoc/>
    protected override string? Checked(string key) => key;

    /// <inheritdoc/>
    protected override Rejection? CheckName(ReadOnlySpan<byte> name) => KeyOf(name) is { } key && !PolicyFile.IsName(key)
        ? new("the name of a policy has small letters, digits and '-', at most 64, begins with a letter or digit, and ends with .toml")
        : null;

    /// <inheritdoc/>
    protected override bool IsShown(PolicyState state, string key) => state.Active.ContainsKey(key) && !aside.ContainsKey(key);

    /// <inheritdoc/>
    protected override PolicyState With(PolicyState state, string key, KeptText text) => state with { Active = state.Active.SetItem(key, text) };

    /// <inheritdoc/>
    protected override PolicyState Without(PolicyState state, FolderFile file) =>
        StandsFor(state, file) is { } key ? state with { Active = state.Active.Remove(key) } : state;

    /// <inheritdoc/>
    protected override bool GoesOn(FolderFile file, ReadOnlySpan<byte> name) => KeyOf(name) is null
        && Policies.State is { } state && StandsFor(state, file) is { } key && FileNames.IsBackup(name, Encoding.UTF8.GetBytes(key + PolicyFile.Extension));

    /// <inheritdoc/>
    protected override void StepsAside(FolderFile file)
    {
        if (AsideAs(file) is null)
        {
            aside[KeyOf(file.FileName)!] = file;
        }
    }

    /// <inheritdoc/>
    protected override void Came(string key) => aside.Remove(key);

    /// <inheritdoc/>
    protected override void Went(FolderFile file)
    {
        if (AsideAs(file) is { } key)
        {
            aside.Remove(key);
        }
    }

    /// <inheritdoc/>
    protected override Rejection? CheckBeginning(FolderFile file, ReadOnlySpan<byte> lines) =>
        KeyOf(file.FileName) is { } key && Policies.CheckBeginning(key, lines) is { } error
            ? new("the policy is refused, nothing has changed") { Shown = error.ToString() }
            : null;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, KeptText Text)> TextsOf(PolicyState state) => state.Active.Select(static pair => (pair.Key + PolicyFile.Extension, pair.Value));

    private string? StandsFor(PolicyState state, FolderFile file) =>
        AsideAs(file) ?? (Find(file.FileName) == file && KeyOf(file.FileName) is { } key && IsShown(state, key) ? key : null);

    private string? AsideAs(FolderFile file) => aside.FirstOrDefault(pair => pair.Value == file).Key;
}

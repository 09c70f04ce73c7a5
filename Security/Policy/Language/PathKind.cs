namespace ClawOS.Security.Policy.Language;

/// <summary>The lists of [paths]: the key, what it grants or denies.</summary>
internal sealed record PathKind(string Key, PathAccess Access, bool IsDenied)
{
    internal const string Execute = "execute", Read = "read";

    internal static readonly IReadOnlyList<PathKind> All =
    [
        new(Read, PathAccess.Read, false),
        new("write", PathAccess.Write, false),
        new(Execute, PathAccess.Execute, false),
        new("deny", PathAccess.All, true),
        new("deny_write", PathAccess.Write, true),
    ];
}

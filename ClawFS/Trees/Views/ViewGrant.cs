using System.Text;

namespace ClawFS.Trees;

/// <summary>A stored file or folder that a view has a place for.</summary>
/// <param name="Path">Relative to the root of the mount: "memory", or "memory/..." without ".", ".." and empty parts.</param>
/// <param name="IsFolder">Whether it is a folder, with all below it.</param>
public sealed record ViewGrant(string Path, bool IsFolder)
{
    private const int MaxPath = 4096, MaxName = 255;

    /// <summary>The stored top that can be granted from.</summary>
    public const string Top = "memory";

    /// <summary>Why it cannot be granted, or null. Such a path comes from another process.</summary>
    public string? Fault()
    {
        string[] names = Path.Split('/');
        return names[0] != Top ? $"only what is in {Top}/ can be granted"
            : names.Length == 1 && !IsFolder ? $"{Top} is a folder"
            : Encoding.UTF8.GetByteCount(Path) > MaxPath ? "the path is too long"
            : names.Any(static name => name is "" or "." or ".." || Encoding.UTF8.GetByteCount(name) > MaxName || name.Contains('\0', StringComparison.Ordinal)) ? "it is no path"
            : null;
    }
}

/// <summary>The root of one principal.</summary>
/// <param name="Id">Its name in `.views`: 32 to 64 small hexadecimal digits, at least 128 bits of chance; who knows it has the view.</param>
/// <param name="Grants">What it has places for.</param>
/// <param name="HasLaunch">Whether it has a folder `run`, in which guard may bind a launch socket.</param>
public sealed record ViewRequest(string Id, IReadOnlyList<ViewGrant> Grants, bool HasLaunch = false)
{
    private const int MaxGrants = 1024, ShortestId = 32, LongestId = 64;

    /// <summary>Whether another request is for the same view.</summary>
    public bool IsSame(ViewRequest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Id == other.Id && HasLaunch == other.HasLaunch && Grants.SequenceEqual(other.Grants);
    }

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault() =>
        Id.Length is < ShortestId or > LongestId || Id.Any(static c => !char.IsAsciiHexDigitLower(c)) ? $"the name of a view is {ShortestId} to {LongestId} small hexadecimal digits"
        : Grants.Count > MaxGrants ? $"a view has at most {MaxGrants} grants"
        : Grants.Select(static grant => grant.Fault()).FirstOrDefault(static fault => fault is not null);
}

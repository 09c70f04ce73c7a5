namespace ClawOS.Security.Policy;

/// <summary>One rule about files. A rule that denies wins over every rule that allows.</summary>
/// <param name="Path">Absolute, without "." and "..", no slash at its end but of "/" itself, and without the "/**" of a tree. It names what the kernel resolves to: symbolic links are followed before rules are asked.</param>
/// <param name="IsTree">Whether it is about the path and everything below; else about exactly that file or folder.</param>
/// <param name="Access">What is allowed or denied: at least one of the three.</param>
/// <param name="IsDenied">Whether it denies.</param>
/// <param name="Source">Where it is written.</param>
public sealed record PathRule(string Path, bool IsTree, PathAccess Access, bool IsDenied, SourceLine Source)
{
    /// <summary>Whether <see cref="Path"/> is a pattern: * and ? stay within a segment, ** passes over slashes. Only AppArmor enforces such a rule; compiled without that layer there is none.</summary>
    public bool IsGlob { get; init; }

    /// <summary>
    /// The folders above <see cref="Path"/>, from the outermost on, without the root. Whoever may rename one of them takes along what is below it, and can make something else under the same name: a rule that denies by
    /// name needs them to stay what they are.
    /// </summary>
    public IEnumerable<string> FoldersAbove
    {
        get
        {
            for (int slash = Path.IndexOf('/', 1); slash > 0; slash = Path.IndexOf('/', slash + 1))
            {
                yield return Path[..slash];
            }
        }
    }
}

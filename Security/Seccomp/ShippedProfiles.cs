namespace ClawOS.Security.Seccomp;

/// <summary>The profiles that come with ClawOS; docs/seccomp.md says what each allows and why.</summary>
public static class ShippedProfiles
{
    /// <summary>What a shell, git, python and compilers need.</summary>
    public const string Default = "default";

    /// <summary>What a small tool needs that reads, writes and starts others, without network.</summary>
    public const string ToolDefault = "tool-default";

    /// <summary>Every name that <see cref="Load"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [Default, ToolDefault];

    /// <summary>Reads a profile.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static SeccompProfile Load(string name) => SeccompProfile.Parse(Text(name), name);

    /// <summary>A profile as it is shipped, with its reasons.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static string Text(string name) =>
        Names.Contains(name) ? Resource.Read(name + ".json") : throw new ArgumentException($"no profile {name}; there are {string.Join(", ", Names)}", nameof(name));
}

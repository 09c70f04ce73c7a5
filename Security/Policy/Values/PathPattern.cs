using System.Text;

namespace ClawOS.Security.Policy.Values;

/// <summary>What a path in a policy means.</summary>
internal enum PathShape
{
    /// <summary>Exactly this file or folder: "/etc/hosts".</summary>
    Exact,

    /// <summary>A folder with all below it: "/usr/**".</summary>
    Tree,

    /// <summary>With * or ? somewhere else: "/srv/*.txt".</summary>
    Glob,
}

/// <summary>A path of a policy.</summary>
/// <param name="Path">Absolute or beginning with $WORKSPACE; of a tree without its "/**".</param>
/// <param name="Shape">What it means.</param>
internal sealed record PathPattern(string Path, PathShape Shape)
{
    /// <summary>The one variable: the folder that a run works in.</summary>
    internal const string Workspace = "$WORKSPACE";

    /// <summary>The ClawOS mount, wherever it is mounted; in a sandbox it is always here.</summary>
    internal const string Claw = "/claw";

    private const string ClawMemory = Claw + "/memory";

    // PATH_MAX of Linux, with its terminating zero.
    private const int MaxBytes = 4095;

    internal bool UsesWorkspace => Path.StartsWith(Workspace, StringComparison.Ordinal);

    /// <summary>As it is written.</summary>
    public override string ToString() => Shape == PathShape.Tree ? (Path == "/" ? "/**" : Path + "/**") : Path;

    /// <summary>With the variable replaced by an absolute path other than "/".</summary>
    internal PathPattern At(string workspace) =>
        UsesWorkspace ? this with { Path = workspace + Path[Workspace.Length..] } : this;

    /// <summary>Reads a path that <see cref="Check"/> finds no fault with.</summary>
    internal static PathPattern Parse(string text)
    {
        string folder = text.EndsWith("/**", StringComparison.Ordinal) ? text[..^3] : text;
        return folder.Length < text.Length && !Glob.IsPattern(folder) ? new PathPattern(folder.Length == 0 ? "/" : folder, PathShape.Tree)
            : new PathPattern(text, Glob.IsPattern(text) ? PathShape.Glob : PathShape.Exact);
    }

    internal static Fault? Check(string text)
    {
        string below = text.StartsWith(Workspace, StringComparison.Ordinal) && (text.Length == Workspace.Length || text[Workspace.Length] == '/') ? text[Workspace.Length..] : text;
        return Encoding.UTF8.GetByteCount(text) > MaxBytes ? new Fault($"a path has at most {MaxBytes} bytes")
            : text.StartsWith('$') && below.Length == text.Length ? new Fault("the only variable is $WORKSPACE, at the beginning of a path", Similar.Suggest(text.Split('/')[0], [Workspace]))
            : text.StartsWith('~') ? new Fault("a path begins with '/' or $WORKSPACE", "a policy does not know whose home is meant: write the folder out")
            : below.Length == text.Length && !text.StartsWith('/') ? new Fault("a path begins with '/' or $WORKSPACE", text.Length > 0 ? $"write '$WORKSPACE/{text}' or '/{text}'" : "")
            : text.Any(char.IsControl) ? new Fault("a path has no control characters")
            : text.Contains('\\') ? new Fault("a path has no backslash")
            : text.Contains("***", StringComparison.Ordinal) ? new Fault("three stars mean nothing", "* stays within a segment, ** passes over slashes")
            : FaultOfSegments(text, below) ?? FaultInClaw(text);
    }

    /// <summary>Whether a path means the ClawOS mount. No rule about the whole machine allows anything there.</summary>
    internal static bool IsInClaw(ReadOnlySpan<char> path) => path.StartsWith(Claw) && (path.Length == Claw.Length || path[Claw.Length] == '/');

    /// <summary>Only stored files can be bound into a sandbox; the rest of the mount is the owner's.</summary>
    private static Fault? FaultInClaw(string text) => !IsInClaw(text) || text == ClawMemory || text.StartsWith(ClawMemory + "/", StringComparison.Ordinal) ? null
        : text is Claw or Claw + "/**" ? new Fault("of /claw only what is stored can be named", $"write '{ClawMemory}/**', or a folder in it")
        : new Fault("of /claw only what is stored can be named: the rest is never in a sandbox", $"name what is in '{ClawMemory}/'");

    /// <summary>A path that names one file: no tree and no pattern.</summary>
    internal static Fault? CheckFile(string text) => Check(text)
        ?? (Glob.IsPattern(text) ? new Fault("a command names one file, without * and ?", "to let every program of a folder be executed, name it in [paths] execute")
            : text is "/" or Workspace ? new Fault("a command names a file")
            : null);

    private static Fault? FaultOfSegments(string text, string below)
    {
        if (below is "" or "/" && text != Workspace + "/")
        {
            return null;
        }

        foreach (string segment in below.Split('/').Skip(1))
        {
            if (segment is "." or "..")
            {
                return new Fault($"a path has no '{segment}'", "write the path that is meant");
            }
        }

        return below.EndsWith('/') ? new Fault("a path does not end with a slash", $"write '{text.TrimEnd('/')}/**' for the folder with all below it, '{text.TrimEnd('/')}' for the folder alone")
            : below.Contains("//", StringComparison.Ordinal) ? new Fault("a path has no two slashes in a row")
            : null;
    }
}

using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>Everything a child process starts with. What is not named here it does not get.</summary>
public sealed class SpawnPlan
{
    /// <summary>Path of the program.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, without the program's own name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Its environment, whole; starts as PATH and HOME of this process alone.</summary>
    public IDictionary<string, string> Environment { get; } = Minimal();

    /// <summary>
    /// The descriptors it inherits beside 0, 1 and 2, each with the number it has there. The numbers must be 3, 4, 5 ... without a gap:
    /// everything above is closed in the child.
    /// </summary>
    public IList<(SafeHandle Descriptor, int Number)> Descriptors { get; } = [];

    /// <summary>Its standard input; null is /dev/null.</summary>
    public SafeHandle? Input { get; init; }

    /// <summary>Where its standard output goes, and its standard error unless <see cref="Error"/> is set; null is <see cref="OutputFile"/>.</summary>
    public SafeHandle? Output { get; init; }

    /// <summary>Where its standard error goes; null is where its output goes.</summary>
    public SafeHandle? Error { get; init; }

    /// <summary>The file to which its standard output and error are appended, made with mode 0600; /dev/null unless set.</summary>
    public string OutputFile { get; init; } = "/dev/null";

    /// <summary>Whether it leads a session of its own: no terminal's hang-up or Ctrl-C reaches it then.</summary>
    public bool NewSession { get; init; }

    /// <summary>Its working folder; "/" so that no service keeps a mount busy.</summary>
    public string Folder { get; init; } = "/";

    private static Dictionary<string, string> Minimal()
    {
        Dictionary<string, string> environment = [];
        foreach (string name in (ReadOnlySpan<string>)["PATH", "HOME", "LANG", "TMPDIR"])
        {
            if (System.Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment[name] = value;
            }
        }

        return environment;
    }
}

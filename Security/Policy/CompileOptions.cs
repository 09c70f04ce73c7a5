using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy;

/// <summary>What a policy is compiled for.</summary>
public sealed class CompileOptions
{
    /// <summary>What stands for the workspace while there is none: a policy compiled so is fit to be checked and shown, not to be run.</summary>
    public const string NoWorkspace = "/" + PathPattern.Workspace;

    private readonly string? _workspace;

    /// <summary>What $WORKSPACE stands for: an absolute path of a folder, without symbolic links, "." and "..", other than "/". Null: <see cref="NoWorkspace"/> is put in its place.</summary>
    /// <exception cref="ArgumentException">When set to another form, or to a path with * or ?, which policies take for patterns.</exception>
    public string? Workspace
    {
        get => _workspace;
        init => _workspace = value is null || (value.StartsWith('/') && value.Length > 1 && PathPattern.CheckFile(value) is null)
            ? value
            : throw new ArgumentException($"{value}: a workspace is an absolute path other than '/', without *, ?, '.', '..' and a slash at its end");
    }

    /// <summary>The layers that there are; a rule that only others could enforce is refused. By default those that need no more than a stock kernel, so without AppArmor.</summary>
    public Layers Layers { get; init; } = Layers.Stock;
}

using ClawOS.Security.Policy;

namespace ClawOS.Cli.Policies;

/// <summary>A policy as it is named on the command line: by its file, whose folder holds its parents, or by the name of one that comes with claw.</summary>
internal sealed record NamedPolicy(PolicySet Set, string Name)
{
    internal const string Help = "a file, or one that comes with claw: read-only, coder, researcher, tool-default";

    /// <summary>Finds a policy.</summary>
    /// <exception cref="CliException">There is none.</exception>
    internal static NamedPolicy Find(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal) || text.EndsWith(PolicyFile.Extension, StringComparison.Ordinal))
        {
            return OfFile(text);
        }

        return PolicySet.Shipped.Contains(text)
            ? new NamedPolicy(PolicySet.Shipped, text)
            : throw new CliException(ExitCodes.NotFound, $"{text}: no such policy; with claw come {string.Join(", ", PolicySet.Shipped.Names)}, a file is named by its path");
    }

    /// <summary>The policies of a folder, or the one that is named.</summary>
    /// <exception cref="CliException">There is none.</exception>
    internal static IReadOnlyList<NamedPolicy> FindAll(string text)
    {
        if (!Directory.Exists(text))
        {
            return [Find(text)];
        }

        PolicySet set = PolicySet.Load(text);
        NamedPolicy[] found = [.. Directory.EnumerateFiles(text, "*" + PolicyFile.Extension).Select(path => new NamedPolicy(set, Path.GetFileNameWithoutExtension(path))).OrderBy(policy => policy.Name, StringComparer.Ordinal)];
        return found.Length > 0 ? found : throw new CliException(ExitCodes.NotFound, $"{text}: no policy there; their names end with {PolicyFile.Extension}");
    }

    /// <summary>Compiles it.</summary>
    /// <exception cref="CliException">It is refused; the message shows every error.</exception>
    internal EffectivePolicy Compile(CompileOptions options)
    {
        PolicyCompilation compiled = Set.Compile(Name, options);
        return compiled.Policy ?? throw new CliException(ExitCodes.Failed, $"{Name}: the policy is refused\n{string.Join('\n', compiled.Errors)}");
    }

    private static NamedPolicy OfFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new CliException(ExitCodes.NotFound, $"{path}: no such file");
        }

        string name = Path.GetFileName(path);
        PolicySet set = Path.GetDirectoryName(path) is { Length: > 0 } folder ? PolicySet.Load(folder) : PolicySet.Load(".");
        // A file of another ending is no neighbour of others, but may be asked for by its name.
        return name.EndsWith(PolicyFile.Extension, StringComparison.Ordinal)
            ? new NamedPolicy(set, Path.GetFileNameWithoutExtension(path))
            : new NamedPolicy(set.With([(path, PolicyFile.Parse(File.ReadAllBytes(path), path))]), name);
    }
}

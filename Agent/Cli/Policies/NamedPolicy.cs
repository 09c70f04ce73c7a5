using ClawOS.Cli.Mounts;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Policies;

/// <summary>A policy as it is named on the command line: by its file, whose folder holds its parents, or by the name of one that comes with claw.</summary>
internal sealed record NamedPolicy(PolicySet Set, string Name)
{
    private const string Active = "policy/active";

    internal const string Help = "a file, or a name: of policy/active in the mount, if one is mounted, and only without one of those that come with claw (read-only, coder, researcher, tool-default)";

    /// <summary>Where it was found: a path, or that it comes with claw.</summary>
    internal required string Origin { get; init; }

    /// <summary>The mount that it was found in, which tells when it changes; null: in none.</summary>
    internal string? Mount { get; init; }

    /// <summary>Finds a policy.</summary>
    /// <param name="text">A path, or a name.</param>
    /// <param name="mount">The mount whose active policies a name means; null: the only one there is, if there is one.</param>
    /// <exception cref="CliException">There is none, or the mount does not tell.</exception>
    internal static NamedPolicy Find(string text, string? mount = null)
    {
        if (text.Contains('/', StringComparison.Ordinal) || text.EndsWith(PolicyFile.Extension, StringComparison.Ordinal))
        {
            return OfFile(text);
        }

        if (MountOf(text, mount) is { } point)
        {
            return OfMount(text, point);
        }

        return PolicySet.Shipped.Contains(text)
            ? new NamedPolicy(PolicySet.Shipped, text) { Origin = "comes with claw" }
            : throw new CliException(ExitCodes.NotFound, $"{text}: no such policy; {NamesOf(PolicySet.Shipped)}");
    }

    private static NamedPolicy OfMount(string name, string point)
    {
        string folder = Path.Combine(point, Active);
        PolicySet active = ActiveOf(folder);
        return active.Contains(name)
            ? new NamedPolicy(active, name) { Origin = Path.Combine(folder, name + PolicyFile.Extension), Mount = point }
            : throw new CliException(ExitCodes.NotFound, $"{name}: no such policy in {folder}; {NamesOf(active)}{WayBack(name, folder)}");
    }

    private static string NamesOf(PolicySet set) => $"{(set.Names.Count > 0 ? $"there are {string.Join(", ", set.Names)}" : "there are none")}, a file is named by its path";

    /// <summary>What was removed from a store stays away until its owner puts it back.</summary>
    private static string WayBack(string name, string folder) =>
        PolicySet.Shipped.Contains(name) ? $"; the one that comes with claw: claw policy show --shipped {name} > {folder}/{name}{PolicyFile.Extension}" : "";

    /// <summary>The policies of a folder, or the one that is named.</summary>
    /// <exception cref="CliException">There is none.</exception>
    internal static IReadOnlyList<NamedPolicy> FindAll(string text, string? mount = null)
    {
        if (!Directory.Exists(text))
        {
            return [Find(text, mount)];
        }

        PolicySet set = PolicySet.Load(text);
        NamedPolicy[] found = [.. Directory.EnumerateFiles(text, "*" + PolicyFile.Extension).Select(path => new NamedPolicy(set, Path.GetFileNameWithoutExtension(path)) { Origin = path }).OrderBy(policy => policy.Name, StringComparer.Ordinal)];
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

        // An active policy of a mount is the same by its file as by its name, parents and changes included.
        string name = Path.GetFileName(path), real = RealPath.Of(path);
        if (name.EndsWith(PolicyFile.Extension, StringComparison.Ordinal) && Mounted().FirstOrDefault(known => Path.GetDirectoryName(real) == Path.Combine(known.MountPoint, Active)) is { } mount)
        {
            return OfMount(Path.GetFileNameWithoutExtension(real), mount.MountPoint);
        }

        PolicySet set = Path.GetDirectoryName(path) is { Length: > 0 } folder ? PolicySet.Load(folder) : PolicySet.Load(".");
        // A file of another ending is no neighbour of others, but may be asked for by its name.
        return name.EndsWith(PolicyFile.Extension, StringComparison.Ordinal)
            ? new NamedPolicy(set, Path.GetFileNameWithoutExtension(path)) { Origin = path }
            : new NamedPolicy(set.With([(path, PolicyFile.Read(path))]), name) { Origin = path };
    }

    private static KnownMount[] Mounted() => [.. KnownMount.All().Where(static known => known.IsMounted)];

    /// <summary>Where there are several mounts, none of them and nothing that comes with claw is taken for the one that is meant.</summary>
    private static string? MountOf(string text, string? named)
    {
        if (named is not null)
        {
            KnownMount chosen = KnownMount.Choose(named);
            return chosen.IsMounted ? chosen.MountPoint : throw new CliException(ExitCodes.NotFound, $"{chosen.MountPoint}: is not mounted; claw status shows what is");
        }

        KnownMount[] all = Mounted();
        return all.Length <= 1 ? all.FirstOrDefault()?.MountPoint : throw new CliException(
            ExitCodes.Usage,
            $"{text}: several are mounted, each with policies of its own; name one with --mount, or the file:\n{string.Join('\n', all.Select(known => $"  {Path.Combine(known.MountPoint, Active, text + PolicyFile.Extension)}"))}");
    }

    /// <summary>The active policies and no shipped parents. What cannot be read is no reason to take others instead.</summary>
    private static PolicySet ActiveOf(string folder)
    {
        try
        {
            return PolicySet.Empty.With(Directory.EnumerateFiles(folder, "*" + PolicyFile.Extension)
                .Where(path => Path.GetFileName(path)[0] != '.')
                .Select(path => (path, PolicyFile.Parse(File.ReadAllBytes(path), path))).ToArray());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failed, $"{folder}: the active policies cannot be read: {error.Message}; claw unlock if the store is locked, else see {Path.GetDirectoryName(folder)}/errors; a policy named by its path needs no mount");
        }
    }
}

using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox.Views;

/// <summary>
/// The view of a policy: what is allowed is mounted in its place, narrowed to what may be done with it; what is denied below is covered.
/// Landlock gets the same rules. What neither can say goes to <see cref="Missing"/>.
/// </summary>
internal sealed partial class ViewBuilder
{
    /// <summary>claw-exec knows by its own path whether it stands in for a command (Security/Exec/AskProgram.cs).</summary>
    private const string StandInName = "claw-exec";

    private readonly EffectivePolicy policy;
    private readonly PolicyPaths paths;
    private readonly List<ViewItem> items = [];
    private readonly List<LandlockRule> rules = [.. BaseView.Rules()];
    private readonly List<Cover> covers = [];
    private readonly HashSet<string> made = ["/"];
    private readonly List<ClawGrant> grants = [];
    private readonly ClawView? claw;
    private readonly string[] mounts;
    private readonly Dictionary<string, string> kernel = KernelMounts.Find();
    private readonly HashSet<string> withheld;
    private readonly bool profiled;

    /// <summary>Folders above what is denied: each becomes a mount point where it could be renamed else, for a mount point cannot be.</summary>
    private readonly HashSet<string> pinned;

    /// <param name="policy">What is allowed.</param>
    /// <param name="claw">The view that becomes /claw; null: none.</param>
    /// <param name="patterns">Whether the sandbox enters the policy's AppArmor profile, which knows patterns, and files that are not there yet.</param>
    /// <param name="approved">The file of the command that was approved; null: none.</param>
    /// <param name="standIn">The program that stands in for other commands that need approval; null: none.</param>
    /// <param name="withheld">Folders that are never shown.</param>
    /// <param name="isRoot">Whether the command is root outside.</param>
    /// <param name="mounts">Where ClawOS is mounted; null: where this machine says.</param>
    internal ViewBuilder(EffectivePolicy policy, ClawView? claw, bool patterns = false, string? approved = null, string? standIn = null, IReadOnlyList<string>? withheld = null, bool isRoot = false, string[]? mounts = null)
    {
        this.withheld = [.. (withheld ?? []).Select(ProgramChoice.RealPath)];
        this.policy = policy;
        this.claw = claw;
        this.mounts = mounts ?? ForeignMounts.Find();
        paths = new PolicyPaths(policy, approved, patterns);
        profiled = patterns;
        items.AddRange(BaseView.Items(policy.Limits.DiskBytes ?? BaseView.DefaultScratch, isRoot));
        covers.AddRange([new(BaseView.Proc, CoverKind.Closed, default), new(BaseView.Devices, CoverKind.Own, default), new(BaseView.Scratch, CoverKind.Own, default), new(BaseView.Shared, CoverKind.Own, default)]);
        made.UnionWith(items.Select(item => item.Target));
        _ = made.Add(ClawView.Place); // Nothing of the machine's is there.
        if (claw is not null)
        {
            items.AddRange([ViewItem.Folder(ClawView.Place), ViewItem.Bind(claw.Root, ClawView.Place, MountRestrictions.ReadOnly | MountRestrictions.NoDevices | MountRestrictions.NoExecute)]);
            covers.Add(new(ClawView.Place, CoverKind.Own, default));
        }

        pinned = [.. policy.Paths.Where(rule => rule.IsDenied && !rule.IsGlob && Path.Exists(SourceOf(rule.Path))).SelectMany(rule => rule.FoldersAbove)];
        Patterns();
        foreach (string path in paths.Rules.Select(rule => rule.Path).Concat(this.mounts).Concat(pinned).Concat(kernel.Keys).Concat(this.withheld).Distinct().Order(StringComparer.Ordinal))
        {
            Place(path);
        }

        StandIns(standIn, approved);
        Sockets();
        TopLinks();
        rules.AddRange(ClawRules());
    }

    internal IReadOnlyList<ViewItem> Items => items;

    internal IReadOnlyList<LandlockRule> Rules => rules;

    internal IReadOnlyList<ClawGrant> Grants => grants;

    internal List<string> Missing { get; } = [];

    internal List<string> Notes { get; } = [];

    /// <summary>What is denied, does not exist and could be made.</summary>
    internal List<string> Makeable { get; } = [];

    private void Patterns()
    {
        foreach (PathRule rule in policy.Paths.Where(rule => rule.IsGlob && !(profiled && (rule.IsDenied || PolicyPaths.FolderOf(rule) is not null))))
        {
            (rule.IsDenied ? Missing : Notes).Add(
                rule.IsDenied ? $"{rule.Source}: {rule.Path} is denied by a pattern, which no layer here enforces" : $"{rule.Source}: {rule.Path} is a pattern; nothing is granted by it here");
        }
    }

    private void Place(string path)
    {
        PathRule[] own = [.. paths.Rules.Where(rule => rule.Path == path)];
        Cover? cover = CoverOf(path);
        if (ForeignMounts.Holding(mounts, path) is { } mount && !ClawView.Has(path))
        {
            Foreign(mount, path, own, cover);
            return;
        }

        if (withheld.Contains(path))
        {
            Withhold(path, own, cover);
            return;
        }

        if (own.Length == 0 && kernel.ContainsKey(path))
        {
            OfKernel(path, cover);
            return;
        }

        if (claw is null && ClawView.Has(path))
        {
            Notes.AddRange(own.Take(1).Select(rule => $"{rule.Source}: {path} is in ClawOS, which is not mounted; nothing is granted by it"));
            return;
        }

        string source = SourceOf(path);
        if (cover is { Kind: CoverKind.Closed } || (cover is { Kind: CoverKind.Own } && made.Contains(path)))
        {
            return; // /proc, the devices of every sandbox, or below what is hidden.
        }

        if (path == "/")
        {
            Everything(own);
            return;
        }

        bool isFolder = Directory.Exists(source);
        bool isPinned = isFolder && pinned.Contains(path) && cover is { Kind: CoverKind.Machine } && !cover.Restrictions.HasFlag(MountRestrictions.ReadOnly) && LinkIn(source) is null;
        if (!own.Any(rule => rule.IsTree) && isPinned)
        {
            Show(path, isFolder, cover!.Restrictions, cover);
        }

        if (own.Length == 0)
        {
            return;
        }

        if (!isFolder && !File.Exists(source))
        {
            Absent(path, own, cover);
            return;
        }

        if (LinkIn(source) is { } link)
        {
            bool isDenial = own.Any(rule => rule.IsDenied) && cover is { Kind: CoverKind.Machine };
            (isDenial ? Missing : Notes).Add($"{own[0].Source}: {path} {(isDenial ? "is denied and " : "")}leads through the symbolic link {link}; rules name what links lead to");
            return;
        }

        if (isFolder && !own.Any(rule => rule.IsTree))
        {
            FolderAlone(path, own, cover);
            return;
        }

        PathAccess access = isFolder ? paths.Within(path) : paths.At(path);
        if (!profiled && isFolder && own.FirstOrDefault(rule => rule.IsDenied && !rule.IsTree) is { } alone && (alone.Access & access) != 0)
        {
            Missing.Add($"{alone.Source}: {path} alone is denied and not what is below it, which no layer here enforces; deny the tree");
        }

        MountRestrictions restrictions = Restrictions(path, access);
        // What nothing may be done with but is not denied stays in the view: something below it may be granted. Landlock refuses to read it.
        if (access == PathAccess.None && (cover is not { Kind: CoverKind.Machine } || paths.IsHidden(isFolder ? path + "/." : path)))
        {
            Hide(path, isFolder, cover);
        }
        else if (cover is not { Kind: CoverKind.Machine } || cover.Restrictions != restrictions || isPinned)
        {
            Show(path, isFolder, restrictions, cover);
        }

        Grant(path, isFolder, own, access);
    }

    private void Grant(string path, bool isFolder, PathRule[] own, PathAccess access)
    {
        // Landlock gives a folder's rights to all that is below: only a rule about the tree says that.
        PathAccess granted = own.Where(rule => !rule.IsDenied && (rule.IsTree || !isFolder)).Aggregate(PathAccess.None, (sum, rule) => sum | rule.Access) & access;
        FileRights rights = Rights(granted) & (isFolder ? FileRights.All : FileRights.OfFiles);
        if (rights != 0)
        {
            rules.Add(new LandlockRule(path, rights));
        }
    }

    private void Show(string path, bool isFolder, MountRestrictions restrictions, Cover? cover)
    {
        if (cover is not { Kind: CoverKind.Machine })
        {
            MakeParents(path);
            Make(path, isFolder);
        }

        items.Add(ViewItem.Bind(SourceOf(path), path, restrictions));
        if (ClawView.Has(path) && cover is not { Kind: CoverKind.Machine })
        {
            grants.Add(new ClawGrant(path[(ClawView.Place.Length + 1)..], isFolder));
        }

        if (isFolder)
        {
            covers.Add(new Cover(path, CoverKind.Machine, restrictions));
        }
    }

    /// <param name="path">What.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    /// <param name="cover">What it lies in.</param>
    /// <param name="mayGo">Whether it may be gone by the launch: no rule names it, and somebody else's mount or socket comes and goes.</param>
    private void Hide(string path, bool isFolder, Cover? cover, bool mayGo = false)
    {
        if (cover is not { Kind: CoverKind.Machine })
        {
            return; // It is not there.
        }

        ViewItem item = isFolder ? ViewItem.Tmpfs(path, 0, MountRestrictions.ReadOnly | MountRestrictions.NoExecute, mode: 0) : ViewItem.Nothing(path);
        items.Add(mayGo ? item.IfThere() : item);
        covers.Add(new Cover(path, CoverKind.Closed, default));
    }

    /// <summary>The whole machine but what every sandbox has of its own: folder by folder, for nothing can be mounted over the root.</summary>
    private void Everything(PathRule[] own)
    {
        PathAccess access = paths.Within("/");
        if (!own.Any(rule => rule.IsTree) || access == PathAccess.None)
        {
            Notes.Add($"{own[0].Source}: the root itself cannot be listed in a sandbox");
            return;
        }

        foreach (string path in Directory.GetFileSystemEntries("/").Where(path => !made.Contains(path) && new FileInfo(path).LinkTarget is null).Order(StringComparer.Ordinal))
        {
            bool isFolder = Directory.Exists(path);
            Show(path, isFolder, Restrictions(path, isFolder ? paths.Within(path) : paths.At(path)), cover: null);
        }

        Grant("/", isFolder: true, own, access);
    }

    /// <summary>A rule about a folder and not what is in it: only the folder's own listing, which Landlock cannot tell from those below.</summary>
    private void FolderAlone(string path, PathRule[] own, Cover? cover)
    {
        if (!profiled && own.Any(rule => rule.IsDenied) && cover is { Kind: CoverKind.Machine })
        {
            Missing.Add($"{own[0].Source}: {path} alone is denied and not what is below it, which no layer here enforces; deny the tree");
        }
        else if (ClawView.Has(path))
        {
            Notes.Add($"{own[0].Source}: {path} alone, without what is in it, is not granted; grant the tree");
        }
        else if (cover is not { Kind: CoverKind.Machine } && own.Any(rule => !rule.IsDenied))
        {
            MakeParents(path);
            Make(path, isFolder: true);
            Notes.Add($"{own[0].Source}: {path} is there and cannot be listed; grant the tree for that");
        }
    }

    private void Absent(string path, PathRule[] own, Cover? cover)
    {
        bool canAppear = !profiled && cover is { Kind: CoverKind.Machine } && (cover.Restrictions & MountRestrictions.ReadOnly) == 0;
        if (own.Any(rule => rule.IsDenied) && canAppear)
        {
            Missing.Add($"{own[0].Source}: {path} is denied and does not exist: the command could make it");
            Makeable.Add(path);
        }
        else if (own.Any(rule => !rule.IsDenied) && cover is not { Kind: CoverKind.Machine })
        {
            Notes.Add($"{own[0].Source}: {path} does not exist; nothing is granted by it");
        }
    }

    /// <summary>The view's own names. Landlock cannot tell a folder from what is below, so the view is listed only where all that is granted in it may be read.</summary>
    private IEnumerable<LandlockRule> ClawRules()
    {
        if (claw is not null)
        {
            bool readable = grants.TrueForAll(grant => paths.At($"{ClawView.Place}/{grant.Path}").HasFlag(PathAccess.Read));
            yield return readable ? new LandlockRule(ClawView.Place, FileRights.Read) : new LandlockRule($"{ClawView.Place}/README", FileRights.ReadFile);
        }
    }

    /// <summary>Where a command needs approval there is a program that asks for it; the command itself is nowhere.</summary>
    private void StandIns(string? program, string? approved)
    {
        foreach (CommandRule command in policy.Commands.Where(command => command.NeedsApproval && command.Path != approved).DistinctBy(command => command.Path).OrderBy(command => command.Path, StringComparer.Ordinal))
        {
            string path = command.Path;
            Cover? cover = CoverOf(path);
            string? why = claw is null || program is null ? "programs in the sandbox have no launch socket to ask at"
                : !File.Exists(path) ? "it does not exist"
                : ForeignMounts.Holding(mounts, path) is not null || ClawView.Has(path) ? "it is in ClawOS"
                : LinkIn(path) is { } link ? $"it leads through the symbolic link {link}; rules name what links lead to"
                : Path.GetFileName(path) == StandInName ? "nothing can stand in for the launcher itself"
                : cover is { Kind: CoverKind.Closed } ? "it is hidden"
                : null;
            if (why is not null)
            {
                Notes.Add($"{command.Source}: {path} cannot be asked for from inside: {why}");
                continue;
            }

            if (cover is not { Kind: CoverKind.Machine })
            {
                MakeParents(path);
                Make(path, isFolder: false);
            }

            items.Add(ViewItem.Bind(ProgramChoice.RealPath(program!), path, MountRestrictions.ReadOnly | MountRestrictions.NoDevices));
            rules.Add(new LandlockRule(path, FileRights.Execute | FileRights.ReadFile));
        }
    }

    private string SourceOf(string path) => claw is not null && ClawView.Has(path) ? claw.SourceOf(path) : path;

    /// <summary>Links in the machine's root, like /bin to usr/bin, where the sandbox has what they lead to.</summary>
    private void TopLinks()
    {
        foreach (string path in Directory.GetFileSystemEntries("/").Order(StringComparer.Ordinal))
        {
            if (new FileInfo(path).LinkTarget is { } text && made.Add(path))
            {
                string target = Path.GetFullPath(text, "/");
                if (made.Contains(target) || covers.Any(cover => cover.Kind == CoverKind.Machine && (cover.Path == target || PolicyPaths.IsBelow(target, cover.Path) || PolicyPaths.IsBelow(cover.Path, target))))
                {
                    items.Add(ViewItem.Link(path, text));
                }
            }
        }
    }

    private void MakeParents(string path)
    {
        for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            Make(path[..slash], isFolder: true);
        }
    }

    private void Make(string path, bool isFolder)
    {
        // A view has its places already.
        if (!ClawView.Has(path) && CoverOf(path) is not { Kind: CoverKind.Machine } && made.Add(path))
        {
            items.Add(isFolder ? ViewItem.Folder(path) : ViewItem.File(path));
        }
    }

    private Cover? CoverOf(string path) => covers
        .Where(cover => cover.Path == path || PolicyPaths.IsBelow(path, cover.Path))
        .MaxBy(cover => cover.Path.Length);

    private static MountRestrictions Restrictions(string path, PathAccess access) =>
        (access.HasFlag(PathAccess.Write) ? MountRestrictions.None : MountRestrictions.ReadOnly)
        | (access.HasFlag(PathAccess.Execute) ? MountRestrictions.None : MountRestrictions.NoExecute)
        | (PolicyPaths.IsBelow(path, BaseView.Devices) ? MountRestrictions.None : MountRestrictions.NoDevices);

    private static FileRights Rights(PathAccess access) =>
        (access.HasFlag(PathAccess.Read) ? FileRights.Read : 0)
        | (access.HasFlag(PathAccess.Write) ? FileRights.Write : 0)
        | (access.HasFlag(PathAccess.Execute) ? FileRights.Execute | FileRights.ReadFile : 0); // The kernel opens a program for reading.

    private static string? LinkIn(string path)
    {
        for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (new FileInfo(path[..slash]).LinkTarget is not null)
            {
                return path[..slash];
            }
        }

        return new FileInfo(path).LinkTarget is null ? null : path;
    }

    private enum CoverKind
    {
        /// <summary>A mount of the machine's files.</summary>
        Machine,

        /// <summary>The sandbox's own scratch space or devices: things can be mounted below.</summary>
        Own,

        /// <summary>Nothing of the policy goes below.</summary>
        Closed,
    }

    private sealed record Cover(string Path, CoverKind Kind, MountRestrictions Restrictions);
}

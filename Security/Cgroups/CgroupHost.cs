using System.Buffers;
using ClawFS.Linux;
using ClawOS.Security.Cgroups.Detection;
using ClawOS.Security.Cgroups.Running;

namespace ClawOS.Security.Cgroups;

/// <summary>The control groups of this host, as this user may use them: what there is, and the making of groups below an own folder `claw`. Safe for use by several threads.</summary>
public sealed class CgroupHost
{
    /// <summary>The longest name of a group.</summary>
    public const int MaxName = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly HostLayout layout;
    private readonly Lock gate = new();
    private bool prepared;

    private CgroupHost(HostLayout layout) => this.layout = layout;

    /// <summary>Every ability, with where it is or why it is missing.</summary>
    public IReadOnlyList<AbilityState> Abilities => layout.States;

    /// <summary>One ability.</summary>
    /// <param name="ability">Which.</param>
    public AbilityState this[CgroupAbility ability] => layout.States.Single(state => state.Ability == ability);

    /// <summary>Looks at what is mounted and what this user may write. Nothing is changed.</summary>
    /// <exception cref="IOException">/proc is not mounted.</exception>
    public static CgroupHost Detect() => Detect("/");

    /// <summary>The same for a folder that stands for "/", and for what a certain kernel has; its own version when null.</summary>
    internal static CgroupHost Detect(string root, Version? kernel = null) => new(HostLayout.Read(root, kernel));

    /// <summary>Makes a group.</summary>
    /// <param name="name">Letters, digits and '-', at most <see cref="MaxName"/>; it begins with a letter or digit.</param>
    /// <param name="quota">Its limits, which are in force before it is returned.</param>
    /// <exception cref="ArgumentException">The name is not of that form.</exception>
    /// <exception cref="CgroupException">This host lacks a limit that is asked for, the kernel refuses, or the name is in use (EEXIST).</exception>
    public Cgroup Create(string name, Quota quota)
    {
        CheckName(name);
        ArgumentNullException.ThrowIfNull(quota);
        Cgroup.Require(layout, quota);
        if (layout.Parents.Count == 0)
            throw new CgroupException("", Errno.Ok, $"make the group {name}: {layout.States[0].Reason}", layout.States[0].WayOut);
        Prepare();
        if (TryMake(name) is not { } branches)
        {
            // The name of a dead owner's group is free as soon as the group is gone.
            branches = TryTake(name) is { } leftover && Swept(leftover) is null && TryMake(name) is { } made
                ? made
                : throw new CgroupException(Path.Combine(layout.Parents[0].Folder, name), Errno.EEXIST, $"make the group {name}: the name is in use (EEXIST)", "choose another name, or end who uses it");
        }

        Cgroup group = new(name, layout, branches);
        try
        {
            group.Change(quota);
            return group;
        }
        catch (CgroupException)
        {
            group.Dispose();
            throw;
        }
    }

    /// <summary>Ends and removes the groups whose owner has died. Groups of living owners, in this process or another, are not touched.</summary>
    /// <returns>A line for each group found: its name, and why it could not be removed, or null when it was.</returns>
    /// <exception cref="CgroupException">The folders cannot be read.</exception>
    public IReadOnlyList<(string Name, string? Problem)> Sweep()
    {
        List<(string, string?)> found = [];
        string[] names = [.. layout.Parents.SelectMany(Names).Distinct().Order(StringComparer.Ordinal)];
        if (names.Length > 0)
            Prepare();
        foreach (string name in names)
        {
            if (TryTake(name) is { } leftover)
                found.Add((name, Swept(leftover)));
        }

        return found;
    }

    /// <summary>Takes over a group whose folders are there, where nobody has it; null when somebody has, or when there is none.</summary>
    internal Cgroup? TryTake(string name)
    {
        List<Branch> branches = [];
        using FileDescriptor making = LockParents();
        foreach (Parent parent in layout.Parents)
        {
            string folder = Path.Combine(parent.Folder, name);
            if (!Directory.Exists(folder))
                continue;
            if (Locked(folder) is not { } held)
            {
                branches.ForEach(static branch => branch.Lock.Dispose());
                return null;
            }

            branches.Add(new Branch(parent, folder, held));
        }

        return branches.Count > 0 ? new Cgroup(name, layout, branches) : null;
    }

    private static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        // A '.' could make it a file of the kernel's own, like cpu.max; version 1 has two without one.
        if (name.Length is 0 or > MaxName || name[0] == '-' || name == "tasks" || name.AsSpan().ContainsAnyExcept(NameCharacters))
            throw new ArgumentException($"'{name}' is no name for a group: 1 to {MaxName} letters, digits and '-', a letter or digit first", nameof(name));
    }

    private static string? Swept(Cgroup leftover)
    {
        try
        {
            leftover.Remove();
            return null;
        }
        catch (CgroupException problem)
        {
            leftover.Dispose();
            return problem.Message;
        }
    }

    private static IEnumerable<string> Names(Parent parent) => !Directory.Exists(parent.Folder) ? [] :
        Directory.GetDirectories(parent.Folder).Select(Path.GetFileName).OfType<string>();

    /// <summary>A group is made and locked, and leftovers are looked for, by one process at a time: a sweep must not take a group that has no lock yet.</summary>
    private FileDescriptor LockParents()
    {
        string first = layout.Parents[0].Folder;
        try
        {
            return ControlFolder.Lock(first);
        }
        catch (LinuxException refusal)
        {
            throw CgroupException.From(refusal, first);
        }
    }

    private static FileDescriptor? Locked(string folder)
    {
        try
        {
            return ControlFolder.TryLock(folder);
        }
        catch (LinuxException refusal)
        {
            throw CgroupException.From(refusal, folder);
        }
    }

    private void Prepare()
    {
        lock (gate)
        {
            if (prepared)
                return;
            foreach (Parent parent in layout.Parents)
                parent.Prepare();
            prepared = true;
        }
    }

    /// <summary>Makes the folders of a group; null when one of them is there already.</summary>
    private List<Branch>? TryMake(string name)
    {
        List<Branch> branches = [];
        using FileDescriptor making = LockParents();
        try
        {
            foreach (Parent parent in layout.Parents)
            {
                string folder = Path.Combine(parent.Folder, name);
                if (!ControlFolder.TryMake(folder))
                {
                    Undo(branches);
                    return null;
                }

                branches.Add(new Branch(parent, folder, Locked(folder)!));
            }

            return branches;
        }
        catch (LinuxException refusal)
        {
            Undo(branches);
            throw CgroupException.From(refusal, Path.Combine(layout.Parents[branches.Count].Folder, name));
        }
    }

    private static void Undo(List<Branch> branches)
    {
        foreach (Branch branch in branches)
        {
            _ = branch.TryRemove(); // It was made a moment ago and has nobody in it.
            branch.Lock.Dispose();
        }
    }
}

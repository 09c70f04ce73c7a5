using System.Globalization;
using ClawFS.Linux;
using ClawOS.Security.Cgroups.Detection;
using ClawOS.Security.Cgroups.Dialects;
using ClawOS.Security.Cgroups.Running;

namespace ClawOS.Security.Cgroups;

/// <summary>
/// A group of processes with one quota, in every hierarchy that is needed for it. What its processes start is in it, too. It belongs to this object: when it is disposed, or this
/// process dies and somebody sweeps, its processes are killed and it is removed. Not for use by several threads at once, but for <see cref="Usage"/> and <see cref="Pressure"/>.
/// </summary>
public sealed class Cgroup : IDisposable
{
    /// <summary>How long stopping, ending and removing may take unless the caller says otherwise.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(5);

    private static readonly CgroupAbility[] Limits = [CgroupAbility.Memory, CgroupAbility.Processes, CgroupAbility.Cpu, CgroupAbility.IoWeight];
    private static readonly CgroupAbility[] Counted = [CgroupAbility.Cpu, CgroupAbility.CpuTime, CgroupAbility.Memory, CgroupAbility.Processes];

    private readonly HostLayout layout;
    private readonly IReadOnlyList<Branch> branches;
    private bool removed, frozen;

    internal Cgroup(string name, HostLayout layout, IReadOnlyList<Branch> branches)
    {
        Name = name;
        this.layout = layout;
        this.branches = branches;
    }

    /// <summary>Its name below `claw`.</summary>
    public string Name { get; }

    /// <summary>The quota in force.</summary>
    public Quota Quota { get; private set; } = Quota.None;

    /// <summary>Processes killed for the memory limit so far; 0 where memory cannot be limited at all.</summary>
    /// <exception cref="CgroupException">The kernel's files cannot be read.</exception>
    public long OomKills => Read([CgroupAbility.Memory]).OomKills ?? 0;

    /// <summary>What has been used until now.</summary>
    /// <exception cref="CgroupException">The kernel's files cannot be read.</exception>
    public CgroupUsage Usage => Read(Counted);

    /// <summary>The pressure on its processes; null where the kernel does not count it for groups.</summary>
    /// <exception cref="CgroupException">The kernel's files cannot be read.</exception>
    public CgroupPressure? Pressure => FolderOf(CgroupAbility.Pressure) is { } folder ? PressureFiles.Read(folder) : null;

    /// <summary>Puts a running process, with all its threads, into the group. Memory that it has stays with its old group.</summary>
    /// <param name="pid">Its id.</param>
    /// <exception cref="CgroupException">ESRCH when it has ended, EACCES when it is not ours to move. It may be in some of the hierarchies then: end it.</exception>
    public void Add(int pid)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 1);
        foreach (Branch branch in branches)
            GroupFile.Write(Path.Combine(branch.Folder, Branch.Procs), pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Opens what puts a process in before its program starts: it, a process of one thread, writes "0" to every descriptor. Whoever opened them must have the right to move it (Linux 5.16), not the writer.
    /// </summary>
    /// <param name="limitsOnly">
    /// Leaves out a hierarchy that carries no limit here, as version 2 beside version 1: entering its groups waits for every processor to pass a quiet point (some milliseconds), and killing
    /// by its file then reaches nobody, so that <see cref="Kill"/> signals one by one.
    /// </param>
    /// <returns>Descriptors for writing, close-on-exec, which the caller closes; that of version 2, if it is among them, is the last.</returns>
    /// <exception cref="CgroupException">The group is gone.</exception>
    public IReadOnlyList<FileDescriptor> OpenProcs(bool limitsOnly = false)
    {
        List<FileDescriptor> opened = [];
        foreach (Branch branch in branches.Where(branch => !limitsOnly || HasLimits(branch)).OrderBy(static branch => branch.Parent.Version))
        {
            string file = Path.Combine(branch.Folder, branch.Parent.Version == CgroupVersion.V1 ? Branch.Tasks : Branch.Procs);
            try
            {
                opened.Add(ControlFile.OpenForWriting(file));
            }
            catch (LinuxException refusal)
            {
                opened.ForEach(static descriptor => descriptor.Dispose());
                throw CgroupException.From(refusal, file);
            }
        }

        return opened;
    }

    /// <summary>Opens the group's version 2 folder, in which a process can be made (clone3, CLONE_INTO_CGROUP): faster than entering it.</summary>
    /// <param name="limitsOnly">Not where version 2 carries no limit here.</param>
    /// <returns>A descriptor, close-on-exec, which the caller closes; null where there is none.</returns>
    /// <exception cref="CgroupException">The group is gone.</exception>
    public FileDescriptor? OpenFolder(bool limitsOnly = false)
    {
        if (branches.FirstOrDefault(static branch => branch.Parent.Version == CgroupVersion.V2) is not { } unified || (limitsOnly && !HasLimits(unified)))
            return null;
        try
        {
            return ControlFolder.Open(unified.Folder);
        }
        catch (LinuxException refusal)
        {
            throw CgroupException.From(refusal, unified.Folder);
        }
    }

    /// <summary>Puts another quota in force, for running processes, too, at once. Limits that stay the same are not written.</summary>
    /// <param name="quota">All limits.</param>
    /// <exception cref="CgroupException">
    /// This host lacks a limit, or the kernel refuses one: EBUSY in version 1 when more memory is in use than shall be (version 2 kills instead). <see cref="Quota"/> then says what is in force.
    /// </exception>
    public void Change(Quota quota)
    {
        ArgumentNullException.ThrowIfNull(quota);
        Require(layout, quota);
        foreach (CgroupAbility limit in Limits)
        {
            if (QuotaParts.Same(limit, Quota, quota))
                continue;
            string folder = FolderOf(limit)!;
            foreach (Setting setting in Dialect.Of(layout[limit]!.Version).Settings(limit, quota, folder))
            {
                string file = Path.Combine(folder, setting.File);
                if (setting.IsOptional)
                    _ = GroupFile.TryWrite(file, setting.Text);
                else
                    GroupFile.Write(file, setting.Text);
            }

            Quota = QuotaParts.With(limit, Quota, quota);
        }
    }

    /// <summary>Stops all its processes; returns when they stand.</summary>
    /// <param name="limit">How long that may take; <see cref="DefaultLimit"/> when null.</param>
    /// <exception cref="CgroupException">This host cannot, or ETIMEDOUT: some process does not stop, and all go on.</exception>
    public void Freeze(TimeSpan? limit = null)
    {
        Freezer().Freeze(FolderOf(CgroupAbility.Freeze)!, limit ?? DefaultLimit);
        frozen = true;
    }

    /// <summary>Lets them go on.</summary>
    /// <exception cref="CgroupException">This host cannot.</exception>
    public void Thaw()
    {
        Freezer().Thaw(FolderOf(CgroupAbility.Freeze)!);
        frozen = false;
    }

    /// <summary>Ends all its processes, frozen ones included; returns when none is left. The group stays, thawed. Who is on the way into it is not in it yet: wait for that first.</summary>
    /// <param name="limit">How long that may take; <see cref="DefaultLimit"/> when null.</param>
    /// <exception cref="CgroupException">ETIMEDOUT: some are left. EBUSY: this process itself is in the group.</exception>
    public void Kill(TimeSpan? limit = null)
    {
        // A dead owner's group may lack some of its folders.
        string? killFile = layout.KillsByFile && FolderOf(CgroupAbility.Kill) is { } folder ? Path.Combine(folder, "cgroup.kill") : null;
        string? freezeFolder = FolderOf(CgroupAbility.Freeze);
        new Killing(branches, killFile, freezeFolder is null ? null : Freezer(), freezeFolder).Run(limit ?? DefaultLimit);
        if (frozen)
            Thaw(); // Else whoever comes next would stand still.
    }

    /// <summary>Ends its processes and removes the group, waiting for dying processes to leave it.</summary>
    /// <param name="limit">How long each of the two may take; <see cref="DefaultLimit"/> when null.</param>
    /// <exception cref="CgroupException">What is left; the group can be removed again.</exception>
    public void Remove(TimeSpan? limit = null)
    {
        if (removed)
            return;
        Kill(limit);
        Patience patience = new(limit ?? DefaultLimit);
        while (branches.Where(static branch => !branch.TryRemove()).ToList() is { Count: > 0 } left)
        {
            if (!patience.Wait())
                throw new CgroupException(left[0].Folder, Errno.EBUSY, $"rmdir {left[0].Folder}: still in use (EBUSY)", "a dying process has not left it: the next sweep removes it");
        }

        removed = true;
        Release();
    }

    /// <summary>Like <see cref="Remove"/>, but what cannot be removed is left to the next <see cref="CgroupHost.Sweep"/>.</summary>
    public void Dispose()
    {
        try
        {
            Remove();
        }
        catch (CgroupException)
        {
            // Without its lock the group has no owner any more, which is what a sweep looks for.
            removed = true;
            Release();
        }
    }

    /// <summary>Refuses a quota that this host would not enforce.</summary>
    internal static void Require(HostLayout layout, Quota quota)
    {
        foreach (CgroupAbility limit in Limits)
        {
            if (!QuotaParts.Same(limit, quota, Quota.None) && layout[limit] is null)
                throw Missing(layout, limit, $"limit {QuotaParts.With(limit, Quota.None, quota)}");
        }
    }

    private static CgroupException Missing(HostLayout layout, CgroupAbility ability, string what)
    {
        AbilityState state = layout.States.Single(state => state.Ability == ability);
        return new CgroupException("", Errno.Ok, $"{what}: {state.Reason}", state.WayOut);
    }

    private bool HasLimits(Branch branch) => Limits.Any(limit => layout[limit] == branch.Parent);

    private IFreezer Freezer() => layout[CgroupAbility.Freeze]?.Version switch
    {
        CgroupVersion.V2 => new FreezerV2(),
        CgroupVersion.V1 => new FreezerV1(),
        _ => throw Missing(layout, CgroupAbility.Freeze, "freeze"),
    };

    private CgroupUsage Read(CgroupAbility[] abilities)
    {
        CgroupUsage usage = new();
        foreach (CgroupAbility ability in abilities)
        {
            if (FolderOf(ability) is { } folder)
                usage = Dialect.Of(layout[ability]!.Version).Read(ability, folder, usage);
        }

        return usage;
    }

    private string? FolderOf(CgroupAbility ability) => layout[ability] is { } parent ? branches.FirstOrDefault(branch => branch.Parent == parent)?.Folder : null;

    private void Release()
    {
        foreach (Branch branch in branches)
            branch.Lock.Dispose();
    }
}

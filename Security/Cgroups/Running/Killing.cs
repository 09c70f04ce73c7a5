using System.Globalization;
using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Running;

/// <summary>Ends all processes of a group, faster than they can make new ones.</summary>
internal sealed class Killing(IReadOnlyList<Branch> branches, string? killFile, IFreezer? freezer, string? freezeFolder)
{
    private const int Sigkill = 9;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50), FreezeTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Kills until nobody is left.</summary>
    /// <exception cref="CgroupException">ETIMEDOUT with the processes that are left; EBUSY when this process itself is one of them.</exception>
    internal void Run(TimeSpan limit)
    {
        Patience patience = new(limit);
        TimeSpan wait = FirstWait;
        HashSet<int> left = Members();
        while (left.Count > 0)
        {
            if (left.Contains(Environment.ProcessId))
                throw new CgroupException(branches[0].Folder, Errno.EBUSY, $"kill the processes of {branches[0].Folder}: this process is one of them", "move it to another group first");
            if (patience.Left == TimeSpan.Zero)
                throw TooLate(left, limit);
            if (killFile is not null)
                GroupFile.Write(killFile, "1");
            else
                SignalAll();
            left = WaitUntilEmpty(wait);

            // Whom the kill file does not know: a process that came into one hierarchy only.
            if (left.Count > 0 && killFile is not null)
                SignalAll();
            wait *= 2;
        }
    }

    private HashSet<int> WaitUntilEmpty(TimeSpan limit)
    {
        Patience patience = new(limit);
        HashSet<int> left;
        while ((left = Members()).Count > 0 && patience.Wait())
        {
        }

        return left;
    }

    private void SignalAll()
    {
        bool frozen = Freeze();
        try
        {
            Dictionary<int, RunningProcess> held = [];
            foreach (int id in Members())
            {
                if (RunningProcess.TryOpen(id) is { } process)
                    held[id] = process;
            }

            // A number may have got another process between reading and opening; whoever is still listed is the one that is held.
            HashSet<int> still = Members();
            foreach ((int id, RunningProcess process) in held)
            {
                if (still.Contains(id))
                    _ = process.Signal(Sigkill); // Whether it went is seen by who is left.
                process.Dispose();
            }
        }
        finally
        {
            if (frozen)
                freezer!.Thaw(freezeFolder!);
        }
    }

    private bool Freeze()
    {
        if (freezer is null)
            return false;
        try
        {
            freezer.Freeze(freezeFolder!, FreezeTime);
            return true;
        }
        catch (CgroupException refusal) when (refusal.Error == Errno.ETIMEDOUT)
        {
            return false; // A process that waits for a disk does not stop, but it does not fork either: the next round meets whom this one misses.
        }
    }

    private HashSet<int> Members() => [.. branches.SelectMany(static branch => branch.Members())];

    private CgroupException TooLate(HashSet<int> left, TimeSpan limit)
    {
        const int Shown = 5;
        string ids = string.Join(", ", left.Order().Take(Shown).Select(static id => id.ToString(CultureInfo.InvariantCulture)));
        return new CgroupException(
            branches[0].Folder,
            Errno.ETIMEDOUT,
            string.Create(CultureInfo.InvariantCulture, $"kill the processes of {branches[0].Folder}: {left.Count} are left after {limit.TotalSeconds:0.###} s ({ids}{(left.Count > Shown ? ", ..." : "")}) (ETIMEDOUT)"),
            left.Contains(0) ? "0 stands for a process of another pid namespace: kill from there" : "they wait for a disk that does not answer (state D in ps), or belong to another user");
    }
}

namespace ClawOS.Security.Sandbox.Views;

/// <summary>What every sandbox has, whatever its policy: a /proc of its own, harmless devices, scratch space in memory.</summary>
internal static class BaseView
{
    internal const string Proc = "/proc", Devices = "/dev", Scratch = "/tmp", Shared = "/dev/shm";

    /// <summary>The folders that every sandbox has of its own.</summary>
    internal static IReadOnlyList<string> Own { get; } = [Proc, Devices, Scratch];

    /// <summary>Scratch space where the policy gives no number, in bytes.</summary>
    internal const long DefaultScratch = 256L << 20;

    /// <summary>Of /proc, what tells of the whole machine and is readable for root alone; keys are listed for whoever may see them.</summary>
    private static readonly string[] OfTheMachine = ["keys", "timer_list", "kpagecount", "kpageflags", "kpagecgroup", "slabinfo", "vmallocinfo", "pagetypeinfo", "kcore", "sched_debug"];

    private const uint Everyone = 0x3FF; // 01777
    private const string Terminal = "tty";
    private static readonly string[] Nodes = ["null", "zero", "full", "random", "urandom", Terminal];

    /// <summary>The items, in the order in which they are laid.</summary>
    /// <param name="scratch">Bytes of each of the two scratch folders.</param>
    /// <param name="isRoot">Whether the command is root outside, whom the kernel would show more.</param>
    internal static IEnumerable<ViewItem> Items(long scratch, bool isRoot = false)
    {
        yield return ViewItem.Folder(Proc);
        yield return ViewItem.Proc(Proc);
        foreach (string file in OfTheMachine.Where(file => isRoot && File.Exists($"{Proc}/{file}")))
        {
            yield return ViewItem.Nothing($"{Proc}/{file}");
        }

        yield return ViewItem.Folder(Devices);
        foreach (string node in Nodes)
        {
            yield return ViewItem.File($"{Devices}/{node}");
            // Read-only: a device can be written there all the same, but as root nobody changes the mode of the machine's own /dev/null.
            yield return ViewItem.Bind($"{Devices}/{node}", $"{Devices}/{node}", MountRestrictions.ReadOnly | MountRestrictions.NoExecute);
        }

        yield return ViewItem.Link($"{Devices}/fd", "/proc/self/fd");
        yield return ViewItem.Link($"{Devices}/stdin", "/proc/self/fd/0");
        yield return ViewItem.Link($"{Devices}/stdout", "/proc/self/fd/1");
        yield return ViewItem.Link($"{Devices}/stderr", "/proc/self/fd/2");
        foreach (string folder in (string[])[Shared, Scratch])
        {
            yield return ViewItem.Folder(folder);
            yield return ViewItem.Tmpfs(folder, scratch, MountRestrictions.NoExecute, Everyone);
        }
    }

    /// <summary>What Landlock grants there.</summary>
    internal static IEnumerable<LandlockRule> Rules()
    {
        yield return new LandlockRule(Proc, FileRights.Read);
        yield return new LandlockRule(Devices, FileRights.ReadDir);
        foreach (string node in Nodes)
        {
            yield return new LandlockRule($"{Devices}/{node}", FileRights.ReadFile | FileRights.WriteFile | FileRights.Truncate | (node == Terminal ? FileRights.IoctlDev : 0));
        }

        yield return new LandlockRule(Shared, FileRights.Read | FileRights.Write);
        yield return new LandlockRule(Scratch, FileRights.Read | FileRights.Write);
    }
}

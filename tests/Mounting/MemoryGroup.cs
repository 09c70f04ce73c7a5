using System.Globalization;
using Xunit;

namespace ClawOS.Mounting;

/// <summary>
/// A control group whose processes get a limited amount of memory, page cache included; no swap. Where neither version of the
/// controller can be used the test is skipped and says why.
/// </summary>
public sealed class MemoryGroup : IDisposable
{
    private static int s_count;
    private readonly string _folder;
    private readonly bool _unified;
    private readonly long _limit;

    /// <param name="limit">Bytes for all processes of the group together.</param>
    public MemoryGroup(long limit)
    {
        Need.Root();
        (string? parent, _unified, string why) = Parent();
        if (parent is null)
            Assert.Skip(why);
        _limit = limit;
        _folder = Path.Combine(parent, $"{TestFolder.Prefix}{Environment.ProcessId}.{Interlocked.Increment(ref s_count)}");
        try
        {
            Directory.CreateDirectory(_folder);
            Write(_unified ? "memory.max" : "memory.limit_in_bytes", limit);
            // Not memsw.limit_in_bytes: where that is met first, nobody counts it. Without swap accounting there is no swap.max.
            string swap = _unified ? "memory.swap.max" : "memory.swappiness";
            if (File.Exists(Path.Combine(_folder, swap)))
                Write(swap, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip($"no memory control group can be made: {e.Message}");
        }
    }

    /// <summary>Processes that the kernel has killed because the group had no memory left.</summary>
    public long OutOfMemoryKills => Field(_unified ? "memory.events" : "memory.oom_control", "oom_kill");

    /// <summary>How often the limit was met, so that something had to be reclaimed.</summary>
    public long LimitMet => _unified ? Field("memory.events", "max") : Number("memory.failcnt");

    /// <summary>Bytes of the limit that nothing but processes and the kernel's own objects leave: what page cache can have.</summary>
    public long Room => _limit - (_unified
        ? Field("memory.stat", "anon") + Field("memory.stat", "unevictable") + Field("memory.stat", "kernel")
        : Field("memory.stat", "total_rss") + Field("memory.stat", "total_unevictable") + Number("memory.kmem.usage_in_bytes"));

    /// <summary>The command as it runs in the group from its first instruction on; what it starts is in the group, too.</summary>
    public string[] Command(params string[] command) => ["bash", "-c", $"echo $$ > '{_folder}/cgroup.procs' && exec \"$@\"", "bash", .. command];

    /// <summary>Kills what is left in the group and removes it.</summary>
    public void Dispose()
    {
        if (!Directory.Exists(_folder))
            return;
        ProcessList.Kill([.. File.ReadLines(Path.Combine(_folder, "cgroup.procs")).Select(static line => int.Parse(line, CultureInfo.InvariantCulture))]);
        // The kernel lets it go when the last process has been waited for.
        SpinWait.SpinUntil(TryRemove, TimeSpan.FromSeconds(10));
    }

    private bool TryRemove()
    {
        try
        {
            Directory.Delete(_folder);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Write(string file, long value) => File.WriteAllText(Path.Combine(_folder, file), value.ToString(CultureInfo.InvariantCulture));

    private long Number(string file) => long.Parse(File.ReadAllText(Path.Combine(_folder, file)), CultureInfo.InvariantCulture);

    private long Field(string file, string name) => File.ReadLines(Path.Combine(_folder, file)).Select(static line => line.Split(' '))
        .Where(parts => parts[0] == name).Select(static parts => long.Parse(parts[1], CultureInfo.InvariantCulture)).Single();

    /// <summary>The folder to make groups in: version 2 where it has the memory controller, else version 1.</summary>
    private static (string? Folder, bool Unified, string Why) Parent()
    {
        string[][] mounts = [.. File.ReadLines("/proc/self/mountinfo").Select(static line => line.Split(' '))];
        foreach (string[] mount in mounts.Where(static m => Type(m) == "cgroup2"))
        {
            string control = Path.Combine(mount[4], "cgroup.subtree_control");
            if (File.Exists(control) && File.ReadAllText(control).Split(' ', '\n').Contains("memory"))
                return (mount[4], true, "");
        }
        foreach (string[] mount in mounts.Where(static m => Type(m) == "cgroup" && m[^1].Split(',').Contains("memory")))
        {
            string own = File.ReadLines("/proc/self/cgroup").Select(static line => line.Split(':', 3)).Single(static p => p[1].Split(',').Contains("memory"))[2];
            // In a container the mount may begin at the container's own group.
            string below = mount[4] + own;
            return (Directory.Exists(below) ? below : mount[4], false, "");
        }
        return (null, false, "no memory controller: neither cgroup2 hands it to groups nor is version 1 mounted");
    }

    // Behind " - ": type, source, options of the file system (proc(5)).
    private static string Type(string[] mount) => mount[Array.IndexOf(mount, "-") + 1];
}

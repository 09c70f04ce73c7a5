using System.Globalization;
using ClawOS.Bench.Fs.Client;

namespace ClawOS.Bench.Fs.Systems;

/// <summary>A file system under test, in a scratch folder of its own that goes with it.</summary>
internal abstract class BenchedSystem : IDisposable
{
    /// <param name="root">Made by the constructor, deleted by Dispose.</param>
    protected BenchedSystem(string root)
    {
        Root = root;
        Directory.CreateDirectory(Mount);
        Directory.CreateDirectory(Backing);
    }

    protected string Root { get; }

    protected string Mount => Path.Combine(Root, "mnt");

    /// <summary>What lies on the disk.</summary>
    public string Backing => Path.Combine(Root, "low");

    /// <summary>Where clients work: in all systems as many names below the mount.</summary>
    public virtual string Folder => Path.Combine(Mount, "memory");

    /// <summary>The processes that serve it.</summary>
    public abstract IReadOnlyList<int> Daemons();

    /// <summary>Mounts; the first time makes what is needed.</summary>
    public abstract void Start();

    /// <summary>Unmounts and waits until the daemons are gone.</summary>
    public abstract void Stop();

    /// <summary>Has it keep no search index, if it has one.</summary>
    public virtual void SwitchIndexOff()
    {
    }

    /// <summary>Nothing is cached after this: not in the kernel, not in the service.</summary>
    public void Restart()
    {
        Stop();
        Calls.Sync();
        File.WriteAllText("/proc/sys/vm/drop_caches", "3");
        Start();
    }

    /// <summary>
    /// Lifts the sessions of the daemons and of this process to one level: with sched_autogroup, nice counts only within a session, and services that have made one
    /// of their own would stand behind those that have stayed in the client's.
    /// </summary>
    public void LevelSessions()
    {
        foreach (string group in Daemons().Select(static pid => $"/proc/{pid}/autogroup").Append("/proc/self/autogroup").Where(File.Exists))
            File.WriteAllText(group, "-10");
    }

    /// <summary>Processor time of the daemons so far, in microseconds. What threads used that have ended is not seen.</summary>
    public double DaemonMicroseconds() => Daemons().SelectMany(Threads).Sum(static thread => Nanoseconds(thread)) / 1000;

    /// <summary>Resident bytes of the daemons.</summary>
    public virtual long ResidentBytes() => Daemons().Sum(ResidentOf);

    public void Dispose()
    {
        try
        {
            Stop();
        }
        finally
        {
            if (!IsMounted(Mount))
                Directory.Delete(Root, recursive: true);
        }
    }

    protected static bool IsMounted(string folder) =>
        File.ReadLines("/proc/self/mounts").Any(line => line.Split(' ')[1] == folder);

    protected static long ResidentOf(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").First(static l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;

    private static IEnumerable<string> Threads(int pid)
    {
        string folder = $"/proc/{pid}/task";
        return Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];
    }

    private static double Nanoseconds(string thread)
    {
        try
        {
            return double.Parse(File.ReadAllText(thread + "/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // The thread ended between the listing and the look.
            return 0;
        }
    }
}

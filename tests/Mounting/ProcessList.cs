using System.Diagnostics;
using System.Text;
using ClawOS.Mounting.Posix;

namespace ClawOS.Mounting;

/// <summary>Finds the processes of one test mount: those whose command line or environment names its folder, and their children.</summary>
internal static class ProcessList
{
    private const int Sigkill = 9;

    /// <summary>Pids of processes that name <paramref name="text"/>, without this one and its ancestors' shells.</summary>
    public static int[] Naming(string text)
    {
        List<int> found = [];
        Dictionary<int, int> parents = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int pid) || pid == Environment.ProcessId)
                continue;
            parents[pid] = Parent(folder);
            if (Text(folder + "/cmdline").Contains(text, StringComparison.Ordinal) || Text(folder + "/environ").Contains(text, StringComparison.Ordinal))
                found.Add(pid);
        }
        for (int i = 0; i < found.Count; i++)
            found.AddRange(parents.Where(p => p.Value == found[i] && !found.Contains(p.Key)).Select(p => p.Key).ToArray());
        return [.. found];
    }

    /// <summary>
    /// SIGKILL to each, then waits until none is left. By system call: a program that is started closes this process's files in its child, and each
    /// close makes the kernel write back what the tests want to be lost.
    /// </summary>
    public static void Kill(int[] pids)
    {
        foreach (int pid in pids)
            Native.Kill(pid, Sigkill);
        Stopwatch clock = Stopwatch.StartNew();
        while (pids.Any(IsAlive) && clock.Elapsed < TimeSpan.FromSeconds(10))
            Thread.Yield();
    }

    // A zombie waits for its parent only; it holds nothing any more.
    private static bool IsAlive(int pid)
    {
        string stat = Text($"/proc/{pid}/stat");
        int end = stat.LastIndexOf(')');
        return end >= 0 && end + 2 < stat.Length && stat[end + 2] is not ('Z' or 'X');
    }

    private static int Parent(string folder)
    {
        string stat = Text(folder + "/stat");
        int end = stat.LastIndexOf(')');
        return end < 0 ? 0 : int.Parse(stat[(end + 2)..].Split(' ')[1]);
    }

    // A process may end between two looks, and then has no text.
    private static string Text(string path)
    {
        try
        {
            return Encoding.Latin1.GetString(File.ReadAllBytes(path));
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }
}

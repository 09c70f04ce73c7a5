using System.Globalization;

namespace ClawOS.Mounting;

/// <summary>What is mounted below the tests' folders, and the way to end it.</summary>
internal static class MountList
{
    /// <summary>Mount points at or below a folder, innermost first; those of a folder whose name only begins alike are another test's.</summary>
    public static string[] Below(string folder) => [.. File.ReadLines("/proc/self/mountinfo")
        .Select(line => Unescape(line.Split(' ')[4]))
        .Where(path => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal))
        .OrderByDescending(path => path.Length)];

    /// <summary>Detaches every mount at or below a folder without touching the files in it.</summary>
    public static void Detach(string folder)
    {
        foreach (string mount in Below(folder))
            Programs.Run(new ProgramOptions(), "umount", "-l", mount);
    }

    /// <summary>Ends what test processes that no longer exist have left: mounts, their servers, folders.</summary>
    public static void CleanStale()
    {
        string start = Path.Combine(TestFolder.Base, TestFolder.Prefix);
        foreach (string folder in Directory.EnumerateDirectories(TestFolder.Base, TestFolder.Prefix + "*"))
        {
            string owner = folder[start.Length..].Split('.')[0];
            if (Directory.Exists($"/proc/{owner}"))
                continue;
            ProcessList.Kill(ProcessList.Naming(folder + "/"));
            Detach(folder);
            Programs.Run(new ProgramOptions(), "rm", "-rf", "--one-file-system", "--", folder);
        }
    }

    // mountinfo writes blanks as \040 (proc(5)).
    private static string Unescape(string path)
    {
        for (int at; (at = path.IndexOf('\\')) >= 0 && at + 4 <= path.Length;)
            path = path[..at] + (char)Convert.ToInt32(path.Substring(at + 1, 3).ToString(CultureInfo.InvariantCulture), 8) + path[(at + 4)..];
        return path;
    }
}

namespace ClawOS.Security.Sandbox.Views;

/// <summary>
/// Local sockets with a path to which programs of the machine are bound. Whoever reaches the path may connect, on a read-only mount too, and no layer asks: the file
/// leads to a process outside (of Docker, of an agent of keys).
/// </summary>
internal static class BoundSockets
{
    private const string OldRun = "/var/run/", Run = "/run/";
    private const int PathColumn = 7;

    /// <summary>A table shows one network namespace: this process's own (guard's has none of them), and that of process 1.</summary>
    private static readonly string[] Tables = ["/proc/self/net/unix", "/proc/1/net/unix"];

    /// <summary>Their absolute paths as they were bound, for no link is looked at: a path may lead into a file system that does not answer. Where a relative one is nobody tells.</summary>
    internal static string[] Find() => [.. Tables.SelectMany(Of).Distinct()];

    private static string[] Of(string table)
    {
        try
        {
            // Num RefCount Protocol Flags Type St Inode Path
            return [.. File.ReadLines(table).Skip(1)
                .Select(static line => line.Split(' ', PathColumn + 1, StringSplitOptions.RemoveEmptyEntries))
                .Where(static columns => columns.Length > PathColumn && columns[PathColumn].StartsWith('/'))
                .Select(static columns => columns[PathColumn])
                .Select(static path => path.StartsWith(OldRun, StringComparison.Ordinal) ? Run + path[OldRun.Length..] : path)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // A kernel without them, or another's process 1.
        }
    }
}

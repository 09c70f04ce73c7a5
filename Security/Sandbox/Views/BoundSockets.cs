namespace ClawOS.Security.Sandbox.Views;

/// <summary>
/// Local sockets with a path to which programs of the machine are bound. Whoever reaches the path may connect, on a read-only mount too, and no layer asks: the file
/// leads to a process outside (of Docker, of an agent of keys).
/// </summary>
internal static class BoundSockets
{
    private const string Table = "/proc/net/unix";
    private const int PathColumn = 7;

    /// <summary>Their absolute paths, links followed; of those that were bound by a relative path nobody tells where they are.</summary>
    internal static string[] Find()
    {
        try
        {
            // Num RefCount Protocol Flags Type St Inode Path
            return [.. File.ReadLines(Table).Skip(1)
                .Select(static line => line.Split(' ', PathColumn + 1, StringSplitOptions.RemoveEmptyEntries))
                .Where(static columns => columns.Length > PathColumn && columns[PathColumn].StartsWith('/'))
                .Select(static columns => ProgramChoice.RealPath(columns[PathColumn]))
                .Distinct()];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // A kernel without them.
        }
    }
}

using ClawFS.Supervisor;

namespace ClawOS.Cli.Mounts;

/// <summary>The sandboxes of a mount, as its `run/list` tells them to the owner.</summary>
internal static class RunningSandboxes
{
    private const string List = "run/list";

    /// <summary>A mount whose service does not answer must not hold up the rest of a report.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The table, its head first; none where nobody answers, who asks is not the owner, or nothing runs.</summary>
    internal static async Task<IReadOnlyList<string[]>> ReadAsync(StatusReport report)
    {
        if (report.State != ServiceState.Running)
        {
            return [];
        }

        // On a thread of its own: a read of a mount that nobody serves ends with the mount.
        Task<string> reading = Task.Factory.StartNew(() => File.ReadAllText(Path.Combine(report.Mount, List)), TaskCreationOptions.LongRunning);
        try
        {
            string[][] lines = [.. (await reading.WaitAsync(Patience)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split('\t'))];
            return lines.Length > 1 && lines.All(line => line.Length == lines[0].Length) ? lines : [];
        }
        catch (Exception unknown) when (unknown is TimeoutException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

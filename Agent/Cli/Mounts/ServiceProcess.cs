using ClawFS.Linux;
using ClawFS.Supervisor;

namespace ClawOS.Cli.Mounts;

/// <summary>A service of a mount as /proc shows it; never taken for another program that got its number later.</summary>
internal static class ServiceProcess
{
    /// <summary>Whether a process is the service that a status names: its command line has the verb and the mount point.</summary>
    internal static bool IsAlive(ServiceStatus service, string mountPoint) => IsAlive(service.Pid, Verb(service.Name), mountPoint);

    /// <summary>Takes hold of a service's process; null when it is gone.</summary>
    internal static RunningProcess? TryOpen(ServiceStatus service, string mountPoint)
    {
        // The number is checked after the process is held, so that it cannot change hands in between.
        RunningProcess? process = RunningProcess.TryOpen(service.Pid);
        if (process is not null && !IsAlive(service, mountPoint))
        {
            process.Dispose();
            return null;
        }

        return process;
    }

    private static bool IsAlive(int pid, string verb, string mountPoint)
    {
        if (pid <= 0)
        {
            return false;
        }

        try
        {
            string[] arguments = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return arguments.Contains(verb) && arguments.Contains(mountPoint);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // Gone.
        }
    }

    private static string Verb(string service) => service switch
    {
        "supervisor" => SelfProgram.Supervise,
        "fs" => SelfProgram.ServeFs,
        "embed" or "embed-next" => SelfProgram.ServeEmbed,
        _ => SelfProgram.ServeNotify,
    };
}

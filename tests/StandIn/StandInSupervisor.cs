using ClawFS.Linux;
using ClawFS.Supervisor;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace StandIn;

/// <summary>A supervisor in a process of its own: the test process must not hold the descriptor of a mount that it looks into.</summary>
internal static class StandInSupervisor
{
    internal static int Run(string mode, string[] arguments)
    {
        string[] self = [Environment.ProcessPath!, typeof(StandInSupervisor).Assembly.Location];
        string[] start = Path.GetFileName(self[0]) == "dotnet" ? self : self[..1];
        return SupervisorProcess.Run(
            SupervisorOptions.Parse(arguments),
            new ServicePrograms([.. start, "fs", mode], [.. start, "notify"], [.. start, "embed"], [.. start, "guard"], Start),
            new SafeFileHandle(SupervisorOptions.ReportDescriptor, ownsHandle: true),
            new SafeFileHandle(SupervisorOptions.CredentialDescriptor, ownsHandle: true),
            NullLogger.Instance);
    }

    private static ChildProcess Start(string name, SpawnPlan plan, out string? unhardened)
    {
        unhardened = null;
        return ChildProcess.Start(plan);
    }
}

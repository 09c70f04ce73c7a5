using Microsoft.Extensions.Logging;

namespace ClawOS.Cli.Services;

/// <summary>The services' log: lines with a time on standard error, which the supervisor's starter has pointed at the mount's log file.</summary>
internal static class ServiceLog
{
    internal static ILoggerFactory CreateFactory() => LoggerFactory.Create(logging => logging.AddSimpleConsole(console =>
    {
        console.SingleLine = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
        console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
    }));

    /// <summary>The name that ps and top show: comm(5) has room for 15 bytes.</summary>
    internal static void SetProcessName(string name) => File.WriteAllText("/proc/self/comm", name);
}

using System.Globalization;

namespace ClawOS.Bench.Fs.Results;

/// <summary>What the figures were taken on.</summary>
internal static class Machine
{
    /// <summary>Cores, processor, memory, kernel, and the load that others made before the run.</summary>
    public static string Describe(string folder)
    {
        string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        string disk = Command.Run("df", "--output=fstype", folder).Split('\n')[1].Trim();
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores of {processor}, {memory:F0} GB, {disk}, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}, load {load} before the run");
    }
}

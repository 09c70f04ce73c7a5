using ClawOS.Security.Sandbox.Views;

namespace ClawOS.Security.Sandbox.Services;

/// <summary>What any of our .NET processes reads, wherever this machine has it: learned from what this process, which runs on the same runtime, has mapped.</summary>
internal static class RuntimeFiles
{
    private static readonly string[] Folders = ["/usr", "/lib", "/lib64"];
    private static readonly string[] Devices = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"];

    /// <summary>The rules.</summary>
    /// <param name="program">The program that is started.</param>
    internal static IReadOnlyList<LandlockRule> Rules(string program)
    {
        IEnumerable<string> mapped = File.ReadLines("/proc/self/maps")
            .Select(line => line.IndexOf('/', StringComparison.Ordinal) is > 0 and int start ? line[start..] : "")
            .Where(path => path.EndsWith(".dll", StringComparison.Ordinal) || path.Contains(".so", StringComparison.Ordinal))
            .Select(path => Path.GetDirectoryName(path)!);
        IEnumerable<string> runtime = Folders.Concat(mapped).Append(Path.GetDirectoryName(program)!).Append(AppContext.BaseDirectory.TrimEnd('/'));
        return
        [
            .. runtime.Where(Directory.Exists).Select(ProgramChoice.RealPath).Distinct().Select(folder => new LandlockRule(folder, FileRights.Read | FileRights.Execute)),
            new("/etc", FileRights.Read),
            new("/sys", FileRights.Read),
            new("/proc", FileRights.Read | FileRights.WriteFile | FileRights.Truncate), // Names of its own threads.
            new("/dev", FileRights.ReadDir),
            .. Devices.Where(File.Exists).Select(device => new LandlockRule(device, FileRights.ReadFile | FileRights.WriteFile | FileRights.Truncate)),
        ];
    }
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace ClawOS.Cli.Mounts;

/// <summary>What the kernel says about a service, read back from /proc: the hardening that holds, not the one that was meant.</summary>
/// <param name="Uid">Effective user id.</param>
/// <param name="ResidentKib">Memory in use, KiB.</param>
/// <param name="LockedKib">Memory that never goes to swap, KiB.</param>
/// <param name="Capabilities">Effective capabilities, hexadecimal; zeros are none.</param>
/// <param name="NoNewPrivileges">Whether it can never gain privilege by exec.</param>
/// <param name="CoreDumps">Whether it could leave a core file.</param>
/// <param name="HasFilter">Whether a seccomp filter decides its system calls.</param>
internal sealed record ProcessFacts(uint Uid, long ResidentKib, long LockedKib, string Capabilities, bool NoNewPrivileges, bool CoreDumps, bool HasFilter)
{
    /// <summary>Reads a process; null when it is gone.</summary>
    internal static ProcessFacts? Read(int pid)
    {
        try
        {
            Dictionary<string, string> status = File.ReadLines($"/proc/{pid}/status")
                .Select(line => line.Split(':', 2))
                .Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1].Trim());
            string? core = File.ReadLines($"/proc/{pid}/limits").FirstOrDefault(line => line.StartsWith("Max core file size", StringComparison.Ordinal));
            return new ProcessFacts(
                uint.Parse(status["Uid"].Split('\t')[1], CultureInfo.InvariantCulture),
                Kib(status.GetValueOrDefault("VmRSS")),
                Kib(status.GetValueOrDefault("VmLck")),
                status["CapEff"],
                status.GetValueOrDefault("NoNewPrivs") == "1",
                core?["Max core file size".Length..].TrimStart().StartsWith("0 ", StringComparison.Ordinal) != true,
                status.GetValueOrDefault("Seccomp") == "2");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // Gone, or hidden from this user (hidepid).
        }
    }

    /// <summary>The members for --json.</summary>
    internal void AddTo(JsonObject target)
    {
        target["rssKiB"] = ResidentKib;
        target["lockedKiB"] = LockedKib;
        target["capabilities"] = Capabilities;
        target["noNewPrivileges"] = NoNewPrivileges;
        target["coreDumps"] = CoreDumps;
        target["filter"] = HasFilter;
    }

    private static long Kib(string? text) =>
        text is null ? 0 : long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
}

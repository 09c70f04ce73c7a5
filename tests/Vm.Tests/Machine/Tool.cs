using System.Diagnostics;

namespace Vm.Tests.Machine;

/// <summary>Programs of the machine that the guest is made with.</summary>
internal static class Tool
{
    private static readonly string[] Places = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];

    /// <summary>Where a program is; null where it is not installed.</summary>
    internal static string? Find(string name) => Places.Select(place => Path.Combine(place, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It ended badly; what it said is in the message.</exception>
    internal static string Run(string folder, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Find(program) ?? program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? printed : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {process.ExitCode}: {said.Result.Trim()}");
    }
}

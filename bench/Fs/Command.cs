using System.Diagnostics;

namespace ClawOS.Bench.Fs;

/// <summary>Runs programs.</summary>
internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs to the end and returns what was printed; throws with what it said if it fails.</summary>
    public static string Run(string file, params string[] arguments) => RunIn(null, null, file, arguments);

    /// <summary>Like <see cref="Run"/>, somewhere else or with more in the environment.</summary>
    /// <param name="folder">Where it runs, null: here.</param>
    /// <param name="variables">Added to the environment.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static string RunIn(string? folder, IReadOnlyDictionary<string, string>? variables, string file, params string[] arguments) =>
        RunFor(Limit, folder, variables, file, arguments);

    /// <summary>Like <see cref="Run"/>, for a program that may take longer.</summary>
    public static string RunFor(TimeSpan limit, string file, params string[] arguments) => RunFor(limit, null, null, file, arguments);

    private static string RunFor(TimeSpan limit, string? folder, IReadOnlyDictionary<string, string>? variables, string file, params string[] arguments)
    {
        using Process process = Start(folder, variables, file, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} {string.Join(' ', arguments)}: not done after {limit.TotalMinutes} minutes");
        }
        return process.ExitCode == 0
            ? output.Result
            : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: exit {process.ExitCode}: {error.Result.Trim()} {output.Result.Trim()}");
    }

    /// <summary>Starts a program whose output nobody reads until it ends.</summary>
    public static Process Start(string? folder, IReadOnlyDictionary<string, string>? variables, string file, params string[] arguments)
    {
        ProcessStartInfo info = new(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "/",
        };
        foreach ((string name, string value) in variables ?? new Dictionary<string, string>())
            info.Environment[name] = value;
        Process process = Process.Start(info)!;
        process.StandardInput.Close();
        return process;
    }

    public static bool Exists(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}

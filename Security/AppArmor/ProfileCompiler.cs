using System.ComponentModel;
using System.Diagnostics;

namespace ClawOS.Security.AppArmor;

/// <summary>Profiles as the kernel takes them, made by apparmor_parser. Works without AppArmor in the kernel and without rights.</summary>
public static class ProfileCompiler
{
    /// <summary>
    /// Patterns can be such that the automaton made of them fills any machine: seconds of processor time and KiB of memory after which the parser is stopped.
    /// </summary>
    private const int MostSeconds = 20, MostKibibytes = 2 << 20;

    private static readonly string[] s_tooMuch = ["too many states", "bad_alloc", "out of memory", "memory allocation"];

    /// <summary>What a signal's number is added to in the exit code of what it ended.</summary>
    private const int SignalBase = 128;

    private static readonly string[] s_places = ["/usr/sbin/apparmor_parser", "/sbin/apparmor_parser", "/usr/bin/apparmor_parser"];

    /// <summary>Path of apparmor_parser; null where it is not installed.</summary>
    public static string? Program => s_places.FirstOrDefault(File.Exists);

    /// <summary>Compiles profiles.</summary>
    /// <param name="text">One or several, as apparmor.d(5) has it.</param>
    /// <param name="seconds">Processor time that it may take; at least 1.</param>
    /// <exception cref="AppArmorException">There is no apparmor_parser, it refuses the text (its own words are in the message), or the patterns are more than it can join in its time and memory.</exception>
    public static byte[] Compile(string text, int seconds = MostSeconds)
    {
        string program = Program ?? throw new AppArmorException("apparmor_parser: not installed; apt-get install apparmor");
        // -Q not into the kernel, -K no cache, -S to standard output, -j 0 no processes of its own, whose end would not be told; nothing of the machine's own settings, nor of whoever calls.
        ProcessStartInfo start = new("/bin/sh", ["-c", $"ulimit -t {seconds} && ulimit -v {MostKibibytes} && exec \"$0\" -j 0 -Q -K -S --config-file /dev/null", program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        try
        {
            using Process parser = Process.Start(start)!;
            Task<string> said = parser.StandardError.ReadToEndAsync();
            using MemoryStream compiled = new();
            Task copied = parser.StandardOutput.BaseStream.CopyToAsync(compiled);
            WriteAll(parser, text);
            copied.Wait();
            parser.WaitForExit();
            return parser.ExitCode == 0 && compiled.Length > 0
                ? compiled.ToArray()
                : throw new AppArmorException($"apparmor_parser: {Reason(said.Result, parser.ExitCode)}");
        }
        catch (Win32Exception error)
        {
            throw new AppArmorException($"{program}: {error.Message}");
        }
    }

    private static void WriteAll(Process parser, string text)
    {
        try
        {
            parser.StandardInput.Write(text);
            parser.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it read all: what it says and its exit code tell why.
        }
    }

    /// <summary>Its own words, or that it was stopped.</summary>
    private static string Reason(string said, int code)
    {
        string[] lines = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => !line.StartsWith("Cache ", StringComparison.Ordinal))];
        return code > SignalBase || lines.Any(line => s_tooMuch.Any(words => line.Contains(words, StringComparison.OrdinalIgnoreCase)))
            ? "the patterns of this policy meet in more ways than a profile can hold; write fewer stars and question marks in one path"
            : lines.LastOrDefault(line => line.Contains("rror", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "refused the profile without a reason";
    }
}

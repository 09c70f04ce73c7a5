using System.ComponentModel;
using System.Diagnostics;

namespace ClawOS.Security.AppArmor;

/// <summary>Profiles as the kernel takes them, made by apparmor_parser. Works without AppArmor in the kernel and without rights.</summary>
public static class ProfileCompiler
{
    private static readonly string[] s_places = ["/usr/sbin/apparmor_parser", "/sbin/apparmor_parser", "/usr/bin/apparmor_parser"];

    /// <summary>Path of apparmor_parser; null where it is not installed.</summary>
    public static string? Program => s_places.FirstOrDefault(File.Exists);

    /// <summary>Compiles profiles.</summary>
    /// <param name="text">One or several, as apparmor.d(5) has it.</param>
    /// <exception cref="AppArmorException">There is no apparmor_parser, or it refuses the text; its own words are in the message.</exception>
    public static byte[] Compile(string text)
    {
        string program = Program ?? throw new AppArmorException("apparmor_parser: not installed; apt-get install apparmor");
        // -Q not into the kernel, -K no cache, -S to standard output; nothing of the machine's own settings.
        ProcessStartInfo start = new(program, ["-Q", "-K", "-S", "--config-file", "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
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
                : throw new AppArmorException($"apparmor_parser: {LastLine(said.Result)}");
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

    private static string LastLine(string said) =>
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault(line => line.Contains("rror", StringComparison.Ordinal)) ?? "refused the profile without a reason";
}

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp.Tests;

/// <summary>Programs under a filter: python3 installs it in itself by prctl(2) and becomes the program.</summary>
internal static class FilteredProcess
{
    private const string Install = """
        import ctypes, os, sys
        libc = ctypes.CDLL(None, use_errno=True)
        code = open(sys.argv[1], 'rb').read()
        class Program(ctypes.Structure):
            _fields_ = [('length', ctypes.c_ushort), ('first', ctypes.c_char_p)]
        program = Program(len(code) // 8, code)
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program)):
            sys.exit('the filter could not be installed: ' + os.strerror(ctypes.get_errno()))
        os.execv(sys.argv[2], sys.argv[2:])
        """;

    /// <summary>A real interpreter: a wrapper script would start programs of its own.</summary>
    private static readonly string? s_python = Find("python3");

    internal sealed record Result(int ExitCode, string Out, string Error);

    /// <summary>The full path of a program; skips the test where there is none.</summary>
    internal static string Need(string program)
    {
        string? path = Find(program);
        if (path is null)
        {
            Assert.Skip($"{program} is not installed");
        }

        return path!;
    }

    /// <summary>Runs a program under the filter of a profile in an own folder.</summary>
    internal static Result Run(SeccompProfile profile, string folder, string program, params string[] arguments)
    {
        Need("python3");
        if (!profile.Architectures.Contains(RuntimeInformation.ProcessArchitecture))
        {
            Assert.Skip($"no profile for {RuntimeInformation.ProcessArchitecture}");
        }

        string filter = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(filter, SeccompCompiler.Compile(profile, RuntimeInformation.ProcessArchitecture));
            return Start(folder, s_python!, ["-I", "-c", Install, filter, Need(program), .. arguments]);
        }
        finally
        {
            File.Delete(filter);
        }
    }

    /// <summary>Runs a program as it is.</summary>
    internal static Result Start(string folder, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = folder;
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["LC_ALL"] = "C";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private static string? Find(string program) => program.StartsWith('/')
        ? (File.Exists(program) ? program : null)
        : new[] { "/usr/bin", "/bin", "/usr/local/bin" }.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}

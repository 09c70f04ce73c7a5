using System.Globalization;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests.Differential;

/// <summary>Asks the kernel many questions in one sandbox: a program tries each and prints the errno, 0 for none.</summary>
internal static class Probe
{
    // A file that is no program: ENOEXEC says that it might have been started.
    private const string Program = """
        import ctypes, os, sys
        libc = ctypes.CDLL(None, use_errno=True)
        for line in sys.stdin:
            kind, rest = line.rstrip('\n').split(' ', 1)
            error = 0
            try:
                if kind == 'call':
                    words = [ctypes.c_ulong(int(word)) for word in rest.split(' ')]
                    ctypes.set_errno(0)
                    if libc.syscall(*words) == -1:
                        error = ctypes.get_errno()
                elif kind == 'Read':
                    os.close(os.open(rest, os.O_RDONLY))
                elif kind == 'Write':
                    new = rest.endswith('/new')
                    os.close(os.open(rest, os.O_WRONLY | (os.O_CREAT | os.O_EXCL if new else 0)))
                    if new:
                        os.unlink(rest)
                elif kind == 'Execute':
                    os.execv(rest, [rest])
            except OSError as problem:
                error = problem.errno
            print(error)
        """;

    internal const int NoProgram = 8;

    internal static string Of(string path, PathAccess access) => $"{access} {path}";

    internal static string Of(int number, ulong[] arguments) => string.Create(CultureInfo.InvariantCulture, $"call {number} {string.Join(' ', arguments)}");

    internal static SandboxRequest Request(string folder) => new()
    {
        Command = ["/usr/bin/python3", "-IS", "-c", Program],
        Folder = folder,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin", ["LC_ALL"] = "C.UTF-8" },
    };

    /// <summary>The errno of each question, in their order.</summary>
    internal static int[] Ask(SandboxPlan plan, IReadOnlyList<string> questions)
    {
        string file = Path.GetTempFileName();
        File.WriteAllLines(file, questions);
        using Microsoft.Win32.SafeHandles.SafeFileHandle input = File.OpenHandle(file);
        File.Delete(file);
        using ClawFS.Linux.Pipe output = ClawFS.Linux.Pipe.Create();
        using SandboxRun run = SandboxRun.Start([ClawExec.Path], plan, new SandboxStreams(input, output.Writer, null));
        output.Writer.Dispose();
        string text = output.ReadToEnd(1 << 20);
        SandboxResult result = run.WaitForEnd();
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(result is { Reason: SandboxEnd.Exited, ExitCode: 0 } && lines.Length == questions.Count, $"{result}: {lines.Length} of {questions.Count} answers\n{text}");
        return [.. lines.Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }
}

using System.Globalization;
using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp.Tests;

/// <summary>The shipped profiles in this kernel, with real programs.</summary>
public sealed class KernelTests
{
    [Theory]
    [InlineData("/bin/true", "", "")]
    [InlineData("cat", "", "b\na\nab\n", "file")]
    [InlineData("grep", "", "a\nab\n", "a", "file")]
    [InlineData("sort", "", "a\nab\nb\n", "file")]
    [InlineData("sh", "", "a\nab\n2\n", "-c", "cat file | grep a | sort; wc -l < file > count; test -r count && (cat count >/dev/null) && echo $((1 + 1)); wait")]
    [InlineData("sh", "", "done\n", "-c", "mkdir d && touch d/x && tar cf t d && gzip t && gzip -d t.gz && mv t d/t && rm -r d && test ! -e d && echo done")]
    [InlineData("git", "repository", "?? new\n", "status", "--short")]
    public void A_small_tool_runs_under_tool_default(string program, string under, string output, params string[] arguments)
    {
        using ScratchFolder folder = new();
        Runs(ShippedProfiles.ToolDefault, folder, program, under, output, arguments);
    }

    [Theory]
    [InlineData("bash", "", "3\nb\n", "-c", "set -o pipefail; (sleep 0 & wait); exec 3<file; read -t 5 line <&3; echo $((1+2)); echo $line; mkdir -p d/e; mv file d/e/; ls -l d/e >/dev/null; rm -r d")]
    [InlineData("git", "repository", "one\n", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "alias.x=!git add new && git commit -q -m one && git log --format=%s", "x")]
    [InlineData("python3", "", "7 b\n", "-c", "import subprocess, threading, socket, tempfile, select, os\nt = threading.Thread(target=lambda: None); t.start(); t.join()\ns, r = socket.socketpair(); s.send(b'x')\nassert select.select([r], [], [], 5)[0]\nsocket.socket(socket.AF_INET).close()\nprint(3 + 4, subprocess.run(['head', '-n1', 'file'], capture_output=True, text=True).stdout.strip())")]
    [InlineData("gcc", "", "", "-o", "program", "program.c")]
    public void A_shell_git_python_and_a_compiler_run_under_default(string program, string under, string output, params string[] arguments)
    {
        using ScratchFolder folder = new();
        File.WriteAllText(Path.Combine(folder.Path, "program.c"), "#include <stdio.h>\nint main(void) { return puts(\"x\") < 0; }\n");
        Runs(ShippedProfiles.Default, folder, program, under, output, arguments);
    }

    [Theory]
    [InlineData("tool-default", "unshare", "0x10000000", 38)]
    [InlineData("default", "unshare", "0x10000000", 1)]
    [InlineData("default", "mount", "0", 1)]
    [InlineData("default", "clone3", "0", 38)]
    [InlineData("default", "clone", "0x10000011", 1)]
    [InlineData("default", "socket", "40, 1", 97)]
    [InlineData("default", "ioctl", "0, 0x100005412, 0", 1)]
    [InlineData("tool-default", "ioctl", "0, 0x100005412, 0", 1)]
    [InlineData("tool-default", "socket", "1, 1", 38)]
    public void A_forbidden_call_gets_its_error_from_the_kernel(string profile, string call, string arguments, int errno)
    {
        using ScratchFolder folder = new();
        SyscallTable.For(RuntimeInformation.ProcessArchitecture).TryGetNumber(call, out int number);
        string script = $"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlong = ctypes.c_long\nprint(libc.syscall(*map(long, ({number}, {arguments}))), ctypes.get_errno())";
        var result = FilteredProcess.Run(ShippedProfiles.Load(profile), folder.Path, "python3", "-I", "-c", script);
        Assert.Equal($"-1 {errno}\n", result.Out);
    }

    [Fact]
    public void A_call_of_x32_ends_the_process()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Assert.Skip("x32 exists on x86_64 only");
        }

        using ScratchFolder folder = new();
        string script = string.Create(CultureInfo.InvariantCulture, $"import ctypes\nprint(ctypes.CDLL(None).syscall({0x40000000 + 39}))");
        var result = FilteredProcess.Run(ShippedProfiles.Load(ShippedProfiles.Default), folder.Path, "python3", "-I", "-c", script);

        // 128 + SIGSYS, as .NET tells a signal.
        Assert.Equal((159, ""), (result.ExitCode, result.Out));
    }

    private static void Runs(string profile, ScratchFolder folder, string program, string under, string output, string[] arguments)
    {
        File.WriteAllText(Path.Combine(folder.Path, "file"), "b\na\nab\n");
        string place = Directory.CreateDirectory(Path.Combine(folder.Path, under)).FullName;
        if (under.Length > 0)
        {
            Assert.Equal(0, FilteredProcess.Start(place, FilteredProcess.Need("git"), "init", "-q").ExitCode);
            File.WriteAllText(Path.Combine(place, "new"), "new\n");
        }

        Assert.Equal(new(0, output, ""), FilteredProcess.Run(ShippedProfiles.Load(profile), place, program, arguments));
    }
}

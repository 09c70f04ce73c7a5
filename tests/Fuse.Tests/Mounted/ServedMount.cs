using System.Collections.Concurrent;
using System.Diagnostics;
using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Vfs;
using Microsoft.Win32.SafeHandles;

namespace Fuse.Tests.Mounted;

/// <summary>
/// A real mount that this process serves. This process never opens a path in it: shells do, each with a time limit, so that a bug
/// shows as a failed command and not as a test run that cannot be killed.
/// </summary>
internal sealed class ServedMount : IDisposable
{
    private readonly SafeFileHandle device;

    private ServedMount(Func<KernelCache, NodeTree> makeTree, FuseOptions? options)
    {
        Folder = Directory.CreateTempSubdirectory("claw-fuse-").FullName;
        device = FuseMount.OpenDevice();
        FuseMount.Mount(device, Folder, readOnly: false);
        Connection = new FuseConnection(device, options ?? new FuseOptions { Report = (bug, opcode) => Bugs.Add($"{opcode}: {bug}") });
        Tree = makeTree(Connection.Cache);
        Connection.Start(Tree);
        if (!Connection.Negotiated.Wait(TimeSpan.FromSeconds(10)))
            throw new TimeoutException("No INIT came.");
    }

    public string Folder { get; }

    public FuseConnection Connection { get; }

    /// <summary>The descriptor, as a successor would inherit it.</summary>
    public SafeFileHandle Device => device;

    public NodeTree Tree { get; }

    /// <summary>What trees and connection have reported.</summary>
    public ConcurrentBag<string> Bugs { get; } = [];

    /// <summary>Mounts, or skips the test with the reason.</summary>
    public static ServedMount Start(Func<KernelCache, NodeTree> makeTree, FuseOptions? options = null)
    {
        Assert.SkipUnless(File.Exists("/dev/fuse"), "There is no /dev/fuse here.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mount(2) needs root.");
        return new ServedMount(makeTree, options);
    }

    /// <summary>Runs a bash script with <c>$M</c> as the mount and returns what it printed, errors included.</summary>
    public (int Code, string Output) Run(string script, int seconds = 60)
    {
        using Process shell = StartShell(script);
        Task<string> output = shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!shell.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            shell.Kill(entireProcessTree: true);
            return (124, "timed out");
        }

        return (shell.ExitCode, output.Result);
    }

    /// <summary>Runs a script that must succeed and returns what it printed, without the last newline.</summary>
    public string Must(string script, int seconds = 60)
    {
        (int code, string output) = Run(script, seconds);
        Assert.True(code == 0, $"exit {code}: {script}\n{output}\n{string.Join('\n', Bugs)}");
        return output.TrimEnd('\n');
    }

    /// <summary>Starts a script without waiting for it.</summary>
    public Process StartShell(string script)
    {
        ProcessStartInfo start = new("timeout", ["-k", "1", "120", "bash", "-c", $"set -e -o pipefail; exec 2>&1; {script}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
            Environment = { ["M"] = Folder, ["LC_ALL"] = "C" },
        };
        return Process.Start(start)!;
    }

    /// <summary>Takes the mount away and waits until the connection has ended.</summary>
    public bool Unmount()
    {
        (int code, _) = Run("cd /; umount \"$M\" || umount -l \"$M\"", 20);
        return code == 0 && Connection.DrainAndStop(TimeSpan.FromSeconds(10));
    }

    public void Dispose()
    {
        if (!Connection.Completed.IsCompleted && !Unmount())
        {
            FuseMount.Unmount(Folder, UnmountMode.Abort);
        }

        device.Dispose();
        Directory.Delete(Folder);
    }
}

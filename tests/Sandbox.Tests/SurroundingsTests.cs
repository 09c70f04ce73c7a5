using System.Diagnostics;
using System.Net.Sockets;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Views;

namespace Sandbox.Tests;

/// <summary>What a granted folder can hold that leads out of it: sockets of programs outside, file systems of the kernel's own, the keys of ClawOS.</summary>
public sealed class SurroundingsTests
{
    [Theory]
    [InlineData(PathAccess.Read)]
    [InlineData(PathAccess.Read | PathAccess.Write)]
    public void A_socket_that_a_program_outside_listens_at_is_hidden_unless_a_rule_names_it(PathAccess access)
    {
        using Box box = new();
        box.Rules.RemoveAll(rule => rule.Path == box.Workspace);
        box.Rules.Add(Box.Tree(box.Workspace, access));
        string folder = Directory.CreateDirectory($"{box.Workspace}/a").FullName, path = $"{folder}/socket";
        using Socket outside = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        outside.Bind(new UnixDomainSocketEndPoint(path));
        outside.Listen();
        const string Connect = "socket.socket(socket.AF_UNIX).connect('WORKSPACE/a/socket')";
        Assert.Equal("ECONNREFUSED", Attempt.In(box, Connect));
        Assert.Equal("EBUSY", Attempt.In(box, "os.rename('WORKSPACE/a/socket', 'WORKSPACE/a/other')").Replace("EROFS", "EBUSY", StringComparison.Ordinal));
        Assert.Contains(box.Plan("true").Notes, note => note == $"{path}: a program outside listens there; it is hidden, as no rule names it");

        box.Rules.Add(Box.File(path, access));
        Assert.Equal("escaped", Attempt.In(box, Connect));
    }

    [Fact]
    public void Another_proc_within_a_granted_folder_is_hidden_and_other_file_systems_of_the_kernel_are_read_only()
    {
        using Box box = new();
        using Mounted processes = new("proc", $"{box.Workspace}/tree/proc"), devices = new("sysfs", $"{box.Workspace}/tree/sys");
        Assert.Equal("EACCES", Attempt.In(box, "os.listdir('WORKSPACE/tree/proc')"));
        Assert.Equal("EACCES", Attempt.In(box, "open('WORKSPACE/tree/proc/sys/kernel/core_pattern', 'r+')"));
        Assert.Equal("EROFS", Attempt.In(box, "open('WORKSPACE/tree/sys/kernel/mm/transparent_hugepage/defrag', 'r+')"));
        Assert.Equal("EBUSY", Attempt.In(box, "os.rename('WORKSPACE/tree/proc', 'WORKSPACE/tree/other')"));
        Assert.Equal("escaped", Attempt.In(box, "os.listdir('WORKSPACE/tree/sys/kernel')"));
    }

    [Fact]
    public void What_is_withheld_is_in_no_view_whatever_a_rule_says()
    {
        using Box box = new();
        string keys = Directory.CreateDirectory($"{box.Workspace}/state/keys").FullName;
        File.WriteAllText($"{keys}/one", "key");
        box.Rules.Add(Box.Tree(keys, PathAccess.Read));
        SandboxPlan plan = SandboxPlan.From(box.Policy(), new SandboxRequest { Command = ["sh", "-c", $"cat {keys}/one 2>&1; ls {box.Workspace}"], Folder = box.Workspace, Withheld = [$"{box.Workspace}/state"] });
        Assert.Equal(2, box.Run(plan).Must().Split('\n').Length);
        Assert.DoesNotContain("key\n", box.Run(plan).Text, StringComparison.Ordinal);

        box.Rules.RemoveAll(rule => rule.Path == box.Workspace);
        plan = SandboxPlan.From(box.Policy(), new SandboxRequest { Command = ["cat", $"{keys}/one"], Withheld = [$"{box.Workspace}/state"] });
        Assert.Contains("No such file", box.Run(plan).Text, StringComparison.Ordinal);
    }

    /// <summary>Where ClawOS is mounted at its default place and the policy has nothing of it.</summary>
    [Fact]
    public void A_mount_at_claw_is_not_in_a_view_that_names_nothing_of_it()
    {
        using Box box = new();
        ViewBuilder view = new(box.Policy(), claw: null, mounts: ["/claw"]);
        Assert.DoesNotContain(view.Items, item => item.Target.StartsWith("/claw", StringComparison.Ordinal));
        Assert.Empty(view.Missing);

        box.Rules.Add(Box.Tree("/", PathAccess.Read));
        Assert.DoesNotContain(new ViewBuilder(box.Policy(), claw: null, mounts: ["/claw"]).Items, item => item.Target.StartsWith("/claw", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_of_proc_is_a_program_of_the_machine()
    {
        using Box box = new();
        box.Rules.Add(Box.Tree("/", PathAccess.All));
        File.WriteAllText($"{box.Workspace}/script", "#!/proc/self/exe\n");
        File.SetUnixFileMode($"{box.Workspace}/script", (UnixFileMode)0b111_101_101);
        Assert.Contains("does not let /proc/self/exe be executed", Assert.Throws<SandboxRefusedException>(() => box.Plan("/proc/self/exe")).Message, StringComparison.Ordinal);
        Assert.Contains("does not let /proc/self/exe be executed", Assert.Throws<SandboxRefusedException>(() => box.Plan($"{box.Workspace}/script")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_a_program_does_not_wait_for_a_writer()
    {
        using Box box = new();
        box.Rules.Add(Box.Tree(box.Workspace, PathAccess.All));
        using (Process made = Process.Start("mkfifo", ["-m", "755", $"{box.Workspace}/pipe"]))
            made.WaitForExit();
        Task<SandboxPlan> plan = Task.Run(() => box.Plan($"{box.Workspace}/pipe"), TestContext.Current.CancellationToken);
        try
        {
            Assert.Same(plan, await Task.WhenAny(plan, Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)));
        }
        finally
        {
            // Whoever waits is let go.
            using FileStream writer = new($"{box.Workspace}/pipe", FileMode.Open, FileAccess.ReadWrite);
        }

        Assert.Equal((SandboxEnd.Refused, LaunchStep.Execute), (box.Run(await plan).Result.Reason, box.Run(await plan).Result.Step));
    }

    [Fact]
    public void A_denied_name_that_is_a_link_is_said_to_be_open()
    {
        using Box box = new();
        File.WriteAllText($"{box.Workspace}/real", "secret");
        File.CreateSymbolicLink($"{box.Workspace}/.env", "real");
        box.Rules.Add(Box.Denied($"{box.Workspace}/.env", isTree: false));
        Assert.Contains($"test.toml:1: {box.Workspace}/.env is denied and leads through the symbolic link {box.Workspace}/.env; rules name what links lead to", box.Plan("true").Missing);
    }

    /// <summary>What lies deeper is laid over what holds its folder, in whichever order the rules come.</summary>
    [Fact]
    public void A_held_folder_covers_nothing_that_was_laid_below_it()
    {
        using Box box = new();
        string tools = Directory.CreateDirectory($"{box.Workspace}/a/tools").FullName;
        File.WriteAllText($"{tools}/p", "#!/bin/sh\necho ran\n");
        File.SetUnixFileMode($"{tools}/p", (UnixFileMode)0b111_101_101);
        File.WriteAllText($"{box.Workspace}/a/z", "secret");
        box.Rules.AddRange([Box.Tree(tools, PathAccess.All), Box.Denied($"{box.Workspace}/a/z", isTree: false)]);
        Assert.Equal("ran", box.Run($"{tools}/p").Must());
        Assert.Equal("EACCES", Attempt.In(box, "open('WORKSPACE/a/z')"));
        Assert.Equal("EBUSY", Attempt.In(box, "os.rename('WORKSPACE/a', 'WORKSPACE/b')"));
    }

    /// <summary>A file system of the kernel's, mounted for one test.</summary>
    private sealed class Mounted : IDisposable
    {
        private readonly string folder;

        internal Mounted(string type, string folder)
        {
            this.folder = Directory.CreateDirectory(folder).FullName;
            if (!Environment.IsPrivilegedProcess || Run("mount", "-t", type, type, folder) != 0)
                Assert.Skip("needs root that may mount");
        }

        public void Dispose() => Run("umount", folder);

        private static int Run(string program, params string[] arguments)
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}

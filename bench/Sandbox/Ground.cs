using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Bench.Sandbox;

/// <summary>A workspace, a policy that grants it and /usr, and the three ways to start a command there: as it is, in a sandbox, in bubblewrap's.</summary>
internal sealed class Ground : IDisposable
{
    private const string Policy = """
        [paths]
        read = ["/usr/**", "$WORKSPACE/**"]
        write = ["$WORKSPACE/**"]
        execute = ["/usr/**"]
        [syscalls]
        profile = "PROFILE"
        """;

    private readonly SafeFileHandle nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
    private readonly string filter;

    internal Ground(string launcher)
    {
        Launcher = launcher;
        Workspace = Directory.CreateTempSubdirectory("claw-bench-").FullName;
        filter = Path.Combine(Workspace, "filter.bpf");
        File.WriteAllBytes(filter, Plan("/bin/true").Filters[^1].ToArray());
    }

    internal string Launcher { get; }

    internal string Workspace { get; }

    internal SandboxStreams Streams => new(null, nowhere, null);

    internal SandboxRequest Request(params string[] command) => new()
    {
        Command = command,
        Folder = Workspace,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/tmp" },
    };

    internal SandboxPlan Plan(params string[] command) => SandboxPlan.From(Compile("default"), Request(command));

    /// <summary>The same plan with other filters, and with or without Landlock.</summary>
    internal static SandboxPlan With(SandboxPlan plan, IReadOnlyList<ReadOnlyMemory<byte>> filters, bool landlock, IReadOnlyList<System.Runtime.InteropServices.SafeHandle> groups, System.Runtime.InteropServices.SafeHandle? folder = null) =>
        plan with { Filters = filters, Landlock = landlock ? plan.Landlock : null, Cgroups = groups, CgroupFolder = folder };

    internal EffectivePolicy Compile(string profile) =>
        PolicySet.Shipped.With([("bench.toml", PolicyFile.Parse(Policy.Replace("PROFILE", profile, StringComparison.Ordinal), "bench.toml"))])
            .Compile("bench", new CompileOptions { Workspace = Workspace }).Policy!;

    /// <summary>Runs a plan; a command that fails is no measurement.</summary>
    internal void Run(SandboxPlan plan)
    {
        SandboxResult result = SandboxRun.Run([Launcher], plan, Streams);
        if (result is not { Reason: SandboxEnd.Exited, ExitCode: 0 })
            throw new InvalidOperationException($"{string.Join(' ', plan.Arguments)}: {result}");
    }

    internal void Plain(params string[] command) => Spawn(command[0], [.. command.Skip(1)], []);

    /// <summary>bubblewrap with the same namespaces, the same folders, no capability and the same filter of system calls.</summary>
    internal void Bubblewrap(params string[] command)
    {
        using SafeFileHandle program = File.OpenHandle(filter);
        Spawn(
            "/usr/bin/bwrap",
            [
                "--unshare-all", "--new-session", "--die-with-parent", "--cap-drop", "ALL", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
                "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/sbin", "/sbin", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", Workspace, Workspace, "--chdir", Workspace,
                "--hostname", "claw", "--seccomp", "3", "--", .. command,
            ],
            [(program, 3)]);
    }

    public void Dispose()
    {
        nowhere.Dispose();
        Directory.Delete(Workspace, recursive: true);
    }

    private void Spawn(string program, IReadOnlyList<string> arguments, IEnumerable<(System.Runtime.InteropServices.SafeHandle, int)> descriptors)
    {
        SpawnPlan spawn = new() { Program = program, Arguments = [.. arguments], Output = nowhere, Folder = Workspace };
        foreach ((System.Runtime.InteropServices.SafeHandle descriptor, int number) in descriptors)
            spawn.Descriptors.Add((descriptor, number));
        int code = ChildProcess.Start(spawn).WaitForExit().Code;
        if (code != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {code}");
    }
}

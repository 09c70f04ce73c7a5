using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>A workspace on the machine and a policy that grants it, /usr and nothing else: what the tests run commands in.</summary>
internal sealed class Box : IDisposable
{
    private static readonly SourceLine Here = new("test.toml", 1);

    internal Box()
    {
        Workspace = Directory.CreateTempSubdirectory("claw-box-").FullName;
        Rules = [Tree("/usr", PathAccess.Read | PathAccess.Execute), Tree(Workspace, PathAccess.Read | PathAccess.Write)];
    }

    internal string Workspace { get; }

    internal List<PathRule> Rules { get; }

    internal List<CommandRule> Commands { get; } = [];

    internal Limits Limits { get; set; } = new();

    internal string SyscallProfile { get; set; } = "default";

    internal SandboxWatch? Watch { get; set; }

    /// <summary>What stands before claw-exec, to start it as somebody else.</summary>
    internal IReadOnlyList<string> Before { get; set; } = [];

    internal SandboxUser? User { get; set; }

    internal SandboxGroup? Group { get; set; }

    internal static PathRule Tree(string path, PathAccess access) => new(path, IsTree: true, access, IsDenied: false, Here);

    internal static PathRule File(string path, PathAccess access) => new(path, IsTree: false, access, IsDenied: false, Here);

    internal static PathRule Denied(string path, PathAccess access = PathAccess.All, bool isTree = true) => new(path, isTree, access, IsDenied: true, Here);

    internal static CommandRule Command(string path, string[]? arguments = null, params string[] forbidden) => new(path, arguments, forbidden, Here);

    internal EffectivePolicy Policy() => new()
    {
        Name = "test",
        Paths = [.. Rules.OrderBy(rule => rule.Path, StringComparer.Ordinal)],
        Commands = Commands,
        Hosts = [],
        Secrets = [],
        SyscallProfile = SyscallProfile,
        SyscallAdditions = [],
        Limits = Limits,
    };

    internal SandboxPlan Plan(params string[] command) => PlanIn(null, command);

    /// <summary>With a loaded profile of AppArmor that the command enters.</summary>
    internal SandboxPlan PlanIn(string? profile, params string[] command) => SandboxPlan.From(Policy(), new SandboxRequest
    {
        AppArmorProfile = profile,
        Command = command,
        Folder = Workspace,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/tmp", ["LANG"] = "C.UTF-8" },
        User = User,
        Group = Group,
    });

    internal Outcome Run(params string[] command) => Run(Plan(command));

    /// <summary>Runs a plan; what the command prints on both of its outputs comes back.</summary>
    internal Outcome Run(SandboxPlan plan, SafeHandle? input = null)
    {
        using Pipe output = Pipe.Create();
        using SandboxRun run = SandboxRun.Start([.. Before, ClawExec.Path], plan, new SandboxStreams(input, output.Writer, null), Watch);
        output.Writer.Dispose();
        string text = output.ReadToEnd(1 << 16);
        return new Outcome(run.WaitForEnd(), text);
    }

    /// <summary>Starts a plan whose output nobody reads.</summary>
    internal SandboxRun Start(SandboxPlan plan)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle nowhere = System.IO.File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        return SandboxRun.Start([.. Before, ClawExec.Path], plan, new SandboxStreams(null, nowhere, null), Watch);
    }

    public void Dispose() => Directory.Delete(Workspace, recursive: true);
}

/// <summary>How a command ended, and what it printed.</summary>
internal sealed record Outcome(SandboxResult Result, string Text)
{
    /// <summary>The text of a command that must have ended well.</summary>
    internal string Must()
    {
        Assert.True(Result is { Reason: SandboxEnd.Exited, ExitCode: 0 }, $"{Result}\n{Text}");
        return Text.TrimEnd('\n');
    }
}

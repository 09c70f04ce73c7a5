using System.Diagnostics;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace ClawOS.Cli.Doctor;

/// <summary>How a command in a trial ended.</summary>
/// <param name="Result">As claw-exec told it.</param>
/// <param name="Text">What it printed on both outputs.</param>
/// <param name="Time">From start to end.</param>
internal sealed record Trial(SandboxResult Result, string Text, TimeSpan Time)
{
    internal bool Succeeded => Result is { Reason: SandboxEnd.Exited, ExitCode: 0 };

    internal string Milliseconds => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Time.TotalMilliseconds:0.0} ms");
}

/// <summary>Real sandboxes around harmless commands: each layer is on or off, so that it shows which one acted.</summary>
/// <param name="launcher">Path of claw-exec.</param>
internal sealed class TrialSandbox(string launcher) : IDisposable
{
    private static readonly SourceLine s_here = new("doctor", 1);

    // Not in /tmp, where every sandbox has scratch space of its own.
    private readonly string folder = Directory.CreateDirectory(
        Path.Combine(Directory.Exists("/var/tmp") ? "/var/tmp" : StateFolder.Root, $"claw-doctor-{Guid.NewGuid():N}"),
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    /// <summary>A file that the policy of every trial lets be read.</summary>
    internal string Granted => Path.Combine(folder, "granted");

    /// <summary>What every trial may do: start installed programs, read its own folder.</summary>
    internal EffectivePolicy Policy => new()
    {
        Name = "doctor",
        Paths =
        [
            .. ((string[])["/usr", "/bin", "/lib", "/lib64"]).Where(path => new DirectoryInfo(path) is { Exists: true, LinkTarget: null }).Select(path => new PathRule(path, IsTree: true, PathAccess.Read | PathAccess.Execute, IsDenied: false, s_here)),
            new PathRule("/etc/ld.so.cache", IsTree: false, PathAccess.Read, IsDenied: false, s_here),
            new PathRule(folder, IsTree: true, PathAccess.Read, IsDenied: false, s_here),
        ],
        Commands = [],
        Hosts = [],
        Secrets = [],
        SyscallProfile = "default",
        SyscallAdditions = [],
        Limits = new Limits(),
    };

    /// <summary>Runs a command with every layer, or with fewer.</summary>
    /// <param name="command">A program of the machine and its arguments.</param>
    /// <param name="landlock">What Landlock shall enforce instead of the policy; return null to leave it away.</param>
    /// <param name="filtered">Whether system calls are filtered.</param>
    /// <param name="policy">Another policy than <see cref="Policy"/>.</param>
    /// <param name="profile">A loaded AppArmor profile.</param>
    /// <exception cref="SandboxRefusedException">There is no such program.</exception>
    internal Trial Run(IReadOnlyList<string> command, Func<LandlockPlan?, LandlockPlan?>? landlock = null, bool filtered = true, EffectivePolicy? policy = null, string? profile = null)
    {
        SandboxPlan plan = PlanOf(policy ?? Policy, command, profile);
        return Run(With(plan, landlock is null ? plan.Landlock : landlock(plan.Landlock), filtered ? plan.Filters : [], isSupervised: false), static _ => { });
    }

    /// <summary>Runs a command of which a filter tells some calls, and answers those.</summary>
    /// <param name="command">A program of the machine and its arguments.</param>
    /// <param name="filter">What tells them, in place of every other filter.</param>
    /// <param name="answer">The error that a call gets.</param>
    /// <exception cref="SandboxRefusedException">There is no such program.</exception>
    /// <exception cref="LinuxException">The listener does not work.</exception>
    internal Trial RunSupervised(IReadOnlyList<string> command, ReadOnlyMemory<byte> filter, Func<SupervisedCall, Errno> answer)
    {
        SandboxPlan plan = PlanOf(Policy, command, profile: null);
        return Run(With(plan, plan.Landlock, [filter], isSupervised: true), run =>
        {
            using CallListener? listener = run.TakeListener();
            while (listener?.Next() is { } call)
            {
                _ = listener.Refuse(call, answer(call));
            }
        });
    }

    private SandboxPlan PlanOf(EffectivePolicy policy, IReadOnlyList<string> command, string? profile)
    {
        File.WriteAllText(Granted, "granted\n");
        return SandboxPlan.From(policy, new SandboxRequest
        {
            Command = command,
            Folder = folder,
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["LC_ALL"] = "C" },
            AppArmorProfile = profile,
        });
    }

    private static SandboxPlan With(SandboxPlan plan, LandlockPlan? landlock, IReadOnlyList<ReadOnlyMemory<byte>> filters, bool isSupervised) =>
        plan with { Landlock = landlock, Filters = filters, IsSupervised = isSupervised, WallTime = TimeSpan.FromSeconds(20) };

    private Trial Run(SandboxPlan plan, Action<SandboxRun> meanwhile)
    {
        using Pipe output = Pipe.Create();
        long began = Stopwatch.GetTimestamp();
        using SandboxRun run = SandboxRun.Start([launcher], plan, new SandboxStreams(null, output.Writer, null));
        output.Writer.Dispose();
        meanwhile(run);
        string text = output.ReadToEnd(1 << 14);
        return new Trial(run.WaitForEnd(), text.Trim(), Stopwatch.GetElapsedTime(began));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

using System.Text;

namespace ClawOS.Bench.Fs.Systems;

/// <summary>ClawFS as it ships: `claw up` and `claw down` with a state folder of its own.</summary>
/// <param name="root">Scratch folder.</param>
/// <param name="program">The command line of claw, without the verb.</param>
internal sealed class ClawSystem(string root, string[] program) : BenchedSystem(root)
{
    private static readonly TimeSpan GuardLimit = TimeSpan.FromSeconds(20);

    private Dictionary<string, string> Variables => new() { ["CLAW_STATE"] = Path.Combine(Root, "state"), ["NO_COLOR"] = "1" };

    private string Store => Path.Combine(Backing, "store");

    /// <summary>The folder of the policies in effect.</summary>
    public string ActivePolicies => Path.Combine(Mount, "policy/active");

    /// <summary>The command line of the claw that is built in a checkout.</summary>
    public static string[] ProgramOf(string repository) =>
        [Environment.ProcessPath!, Path.Combine(new FileInfo(Path.Combine(repository, "artifacts/run/current")).ResolveLinkTarget(true)!.FullName, "claw.dll")];

    public override IReadOnlyList<int> Daemons() => [.. Serving("serve-fs"), .. Serving("supervise"), .. Serving("serve-notify")];

    /// <summary>Of fs alone, which holds the store.</summary>
    public override long ResidentBytes() => Serving("serve-fs").Sum(ResidentOf);

    /// <summary>`claw up` is through before guard is; what guard's start takes of the core is no cost of a stat.</summary>
    public override void Start()
    {
        Claw("up", Mount, "--store", Store);
        if (!SpinWait.SpinUntil(() => { Thread.Sleep(20); return File.Exists(Path.Combine(Mount, "run/launch")); }, GuardLimit))
            throw new TimeoutException("guard is not there");
    }

    public override void SwitchIndexOff() => Claw("index", "set", "index=off", "--mount", Mount);

    public override void Stop()
    {
        if (IsMounted(Mount))
            Claw("down", Mount);
    }

    /// <summary>Starts a sandbox that waits, whose /claw shows all of `memory`.</summary>
    /// <returns>The process of `claw run`, and the one inside.</returns>
    public (System.Diagnostics.Process Run, int Inside) StartInView()
    {
        string policy = Path.Combine(Root, "view.toml"), mark = $"999.{Environment.ProcessId}";
        File.WriteAllText(policy, """
            [paths]
            read = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**", "/claw/memory/**"]
            execute = ["/usr/**", "/bin/**", "/lib/**", "/lib64/**"]
            """);
        System.Diagnostics.Process run = Run(policy, "/usr", "/bin/sleep", mark);
        for (int tries = 0; tries < 600 && !run.HasExited; tries++, Thread.Sleep(50))
        {
            if (Directory.GetDirectories("/proc").Select(Path.GetFileName).FirstOrDefault(pid => int.TryParse(pid, out _) && CommandLine(pid!) == $"/bin/sleep\0{mark}\0") is { } inside)
                return (run, int.Parse(inside, System.Globalization.CultureInfo.InvariantCulture));
        }

        run.Kill(entireProcessTree: true);
        throw new InvalidOperationException($"no sandbox came up: {run.StandardError.ReadToEnd()}");
    }

    /// <summary>Starts `claw run` with a policy, by its name or as a file.</summary>
    public System.Diagnostics.Process Run(string policy, string workspace, params string[] command) =>
        Command.Start("/", Variables, program[0], [.. program[1..], "run", "--policy", policy, "--mount", Mount, "--workspace", workspace, "--", .. command]);

    private void Claw(params string[] verb) => Command.RunIn(null, Variables, program[0], [.. program[1..], .. verb]);

    private IEnumerable<int> Serving(string verb) => Directory.GetDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(static name => int.TryParse(name, out _))
        .Where(pid => CommandLine(pid!) is var line && line.Contains($"\0{verb}\0", StringComparison.Ordinal) && line.Contains(Root + "/", StringComparison.Ordinal))
        .Select(static pid => int.Parse(pid!, System.Globalization.CultureInfo.InvariantCulture));

    private static string CommandLine(string pid)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline"));
        }
        catch (IOException)
        {
            // The process ended between the listing and the look.
            return "";
        }
    }
}

using System.Globalization;
using ClawOS.Bench.Cgroups;
using ClawOS.Bench.Fs;
using ClawOS.Bench.Fs.Results;
using ClawOS.Bench.Fs.Systems;
using ClawOS.Bench.Hnsw;
using ClawOS.Bench.Micro;
using ClawOS.Security.Cgroups;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Learning;

namespace ClawOS.Bench.Sandbox;

/// <summary>`claw bench sandbox`: what a sandbox costs at the start and while it runs, beside bubblewrap and beside nothing, all interleaved.</summary>
internal sealed class SandboxBench(SandboxBenchOptions options, string root)
{
    private const double StartLimit = 1.5, FilterLimit = 5, CompileLimit = 10, ExplainLimit = 1, SaveLimit = 250;

    /// <summary>BPF_RET | BPF_K, SECCOMP_RET_ALLOW: the least that a filter can be.</summary>
    private static readonly byte[] s_allowAll = [0x06, 0, 0, 0, 0, 0, 0xff, 0x7f];
    private readonly List<ResultRow> rows = [];
    private readonly List<string> skipped = [];
    private readonly int rounds = options.Quick ? 30 : 500;

    /// <returns>The exit code.</returns>
    public int Run()
    {
        Apt.Install("bubblewrap");
        string machine = Machine.Describe(root);
        using Ground ground = new(LauncherOf(root));
        Start(ground);
        foreach ((string name, string[] command) in Workloads(ground))
            Filter(ground, name, command);
        Watch(ground);
        Policies();
        Saves();
        return Publish(machine);
    }

    private static string LauncherOf(string root)
    {
        if (Environment.GetEnvironmentVariable("CLAW_EXEC") is { Length: > 0 } given)
            return given;
        Command.Run(Path.Combine(root, "Security/Exec/publish.sh"));
        return Path.Combine(root, "artifacts/exec/claw-exec");
    }

    private void Start(Ground ground)
    {
        SandboxPlan plan = ground.Plan("/bin/true");
        CgroupHost host = CgroupHost.Detect();
        using Cgroup? open = host[CgroupAbility.Processes].IsAvailable ? host.Create($"bench-{Environment.ProcessId}", new Quota { Processes = 100 }) : null;
        if (open is null)
            skipped.Add($"start-claw without a control group: {host[CgroupAbility.Processes]}");
        IReadOnlyList<System.Runtime.InteropServices.SafeHandle> doors = open?.OpenProcs(limitsOnly: true) ?? [];
        IReadOnlyList<System.Runtime.InteropServices.SafeHandle> allDoors = open?.OpenProcs() ?? [];
        using System.Runtime.InteropServices.SafeHandle? folder = open?.OpenFolder();
        if (folder is null)
            skipped.Add("start-v2-entered, start-v2-made: no control groups of version 2");
        SandboxPlan full = Ground.With(plan, plan.Filters, true, doors), noGroup = Ground.With(plan, plan.Filters, true, []), noLandlock = Ground.With(plan, plan.Filters, false, []);
        SandboxPlan entered = Ground.With(plan, plan.Filters, true, allDoors), made = Ground.With(plan, plan.Filters, true, allDoors, folder);
        (string Name, Action Step)[] ways =
        [
            ("start-plain", () => ground.Plain("/bin/true")),
            ("start-bwrap", () => ground.Bubblewrap("/bin/true")),
            ("start-claw", () => ground.Run(full)),
            ("start-no-cgroup", () => ground.Run(noGroup)),
            ("start-no-landlock", () => ground.Run(noLandlock)),
            .. folder is null ? [] : ((string, Action)[])[("start-v2-entered", () => ground.Run(entered)), ("start-v2-made", () => ground.Run(made))],
        ];
        Samples[] samples = Interleave(rounds, ways);
        foreach (System.Runtime.InteropServices.SafeHandle door in doors.Concat(allDoors))
            door.Dispose();
        double bwrap = samples[1].Row("", 50).Value;
        for (int i = 0; i < ways.Length; i++)
        {
            ResultRow median = samples[i].Row($"{ways[i].Name}-p50", 50);
            double ratio = median.Value / bwrap;
            Add(i < 2 ? median : median with { Peer = "bwrap", PeerValue = bwrap, Ratio = ratio, Floor = i == 2 ? StartLimit : null, Met = i == 2 ? ratio <= StartLimit : null });
            Add(samples[i].Row($"{ways[i].Name}-p99", 99));
        }

        Add(Plain("start-claw-to-bwrap", samples[2].Row("", 50).Value / bwrap, "x", StartLimit));
    }

    /// <summary>Much asking of the kernel and little else; and two programs that people wait for.</summary>
    private static IEnumerable<(string Name, string[] Command)> Workloads(Ground ground)
    {
        yield return ("dd", ["/usr/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=400000", "status=none"]);
        yield return ("tar", ["/usr/bin/tar", "-cf", Path.Combine(ground.Workspace, "all.tar"), "/usr/share/zoneinfo", "/usr/lib/git-core"]);
        if (File.Exists("/usr/bin/git"))
        {
            string folder = Path.Combine(ground.Workspace, "tree");
            for (int i = 0; i < 2000; i++)
            {
                string file = Path.Combine(folder, $"{i % 50}", $"{i}");
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllText(file, $"{i}");
            }

            Command.RunIn(folder, null, "git", "init", "-q");
            Command.RunIn(folder, null, "git", "add", ".");
            yield return ("git-status", ["/usr/bin/git", "-c", "safe.directory=*", "-C", folder, "status", "--short"]);
        }
    }

    private void Filter(Ground ground, string name, string[] command)
    {
        SandboxPlan plan = ground.Plan(command);
        SandboxPlan without = Ground.With(plan, [], true, []), with = Ground.With(plan, plan.Filters, true, []), least = Ground.With(plan, [s_allowAll], true, []);
        Samples[] samples = Interleave(Math.Max(3, rounds / 15), [("", () => ground.Run(without)), ("", () => ground.Run(with)), ("", () => ground.Run(least))]);
        (double bare, double filtered) = (samples[0].Row("", 50).Value, samples[1].Row("", 50).Value);
        double percent = (filtered / bare - 1) * 100;
        Add(Plain($"{name}-least-overhead", (samples[2].Row("", 50).Value / bare - 1) * 100, "%", null));
        Add(samples[0].Row($"{name}-unfiltered", 50));
        Add(samples[1].Row($"{name}-filtered", 50));
        Add(Plain($"{name}-overhead", percent, "%", FilterLimit));
    }

    /// <summary>What a call costs when somebody answers it, and what that makes of a small command.</summary>
    private void Watch(Ground ground)
    {
        string[] command = ["/usr/bin/ls", "-l", "/usr/bin"];
        SandboxPlan plan = ground.Plan(command);
        long calls = 0;
        int sittings = 0;
        Samples[] samples = Interleave(Math.Max(3, rounds / 25), [("", () => ground.Run(plan)), ("", () =>
        {
            PolicyLearning learning = new(ground.Workspace, null);
            learning.Watch([ground.Launcher], ground.Request(command), ground.Streams);
            calls += learning.Supervised;
            sittings++;
        })]);
        (double bare, double watched) = (samples[0].Row("", 50).Value, samples[1].Row("", 50).Value);
        Add(samples[0].Row("ls-unwatched", 50));
        Add(samples[1].Row("ls-watched", 50));
        Add(Plain("watched-call", (watched - bare) / (calls / (double)sittings), "us", null));
    }

    private void Policies()
    {
        PolicyBenchmarks policies = new();
        policies.Setup();
        (string Name, Func<object> Step, double Limit)[] steps =
        [
            ("policy-compile", () => policies.ParseAndCompile(), CompileLimit),
            ("explain-path", policies.ExplainPath, ExplainLimit),
            ("explain-command", policies.ExplainCommand, ExplainLimit),
            ("explain-host", policies.ExplainConnection, ExplainLimit),
        ];
        foreach ((string name, Func<object> step, double limit) in steps)
        {
            Samples samples = Interleave(rounds, [("", () => step())], warm: 100)[0];
            double milliseconds = samples.Row("", 50).Value / 1000;
            Add(Plain(name, milliseconds, "ms", limit));
        }
    }

    /// <summary>From a save below /claw/policy to a running command that feels it.</summary>
    private void Saves()
    {
        using ClawSystem claw = new(Directory.CreateTempSubdirectory("claw-bench-").FullName, ClawSystem.ProgramOf(root));
        claw.Start();
        string workspace = Directory.CreateDirectory(Path.Combine(claw.Backing, "work")).FullName;
        (Samples taken, Samples given) = new SaveDelay(claw, workspace).Measure(Math.Max(5, rounds / 10));
        claw.Stop();
        foreach ((string name, Samples samples) in ((string, Samples)[])[("save-taken", taken), ("save-given", given)])
        {
            Add(Plain($"{name}-p50", samples.Row("", 50).Value / 1000, "ms", null));
            Add(Plain($"{name}-worst", samples.Row("", 100).Value / 1000, "ms", SaveLimit));
        }
    }

    /// <summary>Every way once a round; the first rounds warm what is compiled late and do not count.</summary>
    private static Samples[] Interleave(int rounds, (string Name, Action Step)[] ways, int warm = 3)
    {
        Samples[] samples = [.. ways.Select(_ => new Samples())];
        for (int round = -warm; round < rounds; round++)
        {
            for (int i = 0; i < ways.Length; i++)
            {
                double time = Samples.Time(ways[i].Step);
                if (round >= 0)
                    samples[i].Add(time);
            }
        }

        return samples;
    }

    private static ResultRow Plain(string name, double value, string unit, double? limit) =>
        new(name, value, unit, "", null, null, limit, limit is { } most ? value <= most : null) { Min = value, Max = value };

    private void Add(ResultRow row)
    {
        rows.Add(row);
        Console.Error.WriteLine(Report.Short(row));
    }

    private int Publish(string machine)
    {
        string scale = $"{rounds} rounds; a view of /usr and a workspace, profile default";
        DateTime now = DateTime.UtcNow;
        ResultFile file = new(now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC", machine, scale, skipped, rows);
        string text = string.Join('\n', (IEnumerable<string>)[file.Date, machine, scale, .. skipped.Select(static line => $"skipped: {line}"), "", .. rows.Select(Report.Short)]) + "\n";
        string target = Path.Combine(root, "bench/results", now.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture) + "-sandbox");
        File.WriteAllText(target + ".txt", text);
        File.WriteAllText(target + ".json", Report.Json(file) + "\n");
        Console.WriteLine(options.Json ? Report.Json(file) : text);
        return 0;
    }
}

using System.Diagnostics;
using System.Globalization;
using ClawFS.Linux;
using ClawOS.Bench.Fs.Results;
using ClawOS.Security.Cgroups;

namespace ClawOS.Bench.Cgroups;

/// <summary>`claw bench cgroups`: what a group costs a start, how fast it stops and ends, and how near to its quota a busy loop comes.</summary>
internal sealed class CgroupBench(CgroupBenchOptions options, string root)
{
    private const int Crowd = 50, CalibrationRounds = 5;

    private readonly List<ResultRow> rows = [];
    private readonly CgroupHost host = CgroupHost.Detect();
    private readonly int rounds = options.Quick ? 20 : 200;
    private int groups;

    /// <returns>The exit code: 1 where no group can be made.</returns>
    public int Run()
    {
        if (!host[CgroupAbility.Kill].IsAvailable)
        {
            Console.Error.WriteLine($"claw: bench: {host[CgroupAbility.Kill]}");
            return 1;
        }

        if (options is { Calibrate: true, Command.Count: > 0 })
            return new Calibration(host, options.Quick ? 1 : CalibrationRounds).Find(options.Command, Environment.CurrentDirectory);

        string machine = Machine.Describe(root);
        List<string> missing = [.. host.Abilities.Where(static state => !state.IsAvailable).Select(static state => state.ToString())];
        if (options.Calibrate)
        {
            rows.AddRange(ShippedWork.Measure(host, options.Quick ? 1 : CalibrationRounds, missing));
            return Publish(machine, $"the limits of the shipped policies, median of {CalibrationRounds} runs of each work", missing, "calibration");
        }

        Quota quota = Available();
        Start(quota);
        Stop(1);
        Stop(Crowd);
        if (host[CgroupAbility.Cpu].IsAvailable && host[CgroupAbility.CpuTime].IsAvailable)
        {
            foreach (int percent in (int[])[5, 10, 25, 50, 100])
                Accuracy(percent);
        }

        string versions = string.Join(", ", host.Abilities.Where(static state => state.IsAvailable).Select(static state => $"{state.Ability} {state.Version}"));
        return Publish(machine, $"{rounds} rounds; {quota}; {versions}", missing);
    }

    /// <summary>What this host can limit of a usual quota.</summary>
    private Quota Available() => new()
    {
        CpuPercent = host[CgroupAbility.Cpu].IsAvailable ? 50 : null,
        MemoryBytes = host[CgroupAbility.Memory].IsAvailable ? 256 << 20 : null,
        Processes = host[CgroupAbility.Processes].IsAvailable ? 100 : null,
    };

    /// <summary>What a start pays: the group with its quota, a process put in, and at the end the removal.</summary>
    private void Start(Quota quota)
    {
        Samples create = new(), enter = new(), usage = new(), change = new(), remove = new(), all = new();
        for (int round = -2; round < rounds; round++)
        {
            // The first two rounds compile and are not counted.
            bool counts = round >= 0;
            ChildProcess child = Sleeper();
            long begun = Stopwatch.GetTimestamp();
            Cgroup group = host.Create(Name(), quota);
            double made = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
            double entered = Samples.Time(() => group.Add(child.Id));
            double used = Samples.Time(() => _ = group.Usage);
            double changed = Samples.Time(() => group.Change(quota with { Processes = quota.Processes + 1 }));
            child.Signal(9);
            child.WaitForExit();
            double removed = Samples.Time(group.Dispose);
            if (!counts)
                continue;
            create.Add(made);
            enter.Add(entered);
            usage.Add(used);
            change.Add(changed);
            remove.Add(removed);
            all.Add(made + entered + removed);
        }

        Show("create", create);
        Show("enter", enter);
        Show("remove", remove);
        Show("start-cost", all);
        Show("usage", usage);
        Show("change", change);
    }

    /// <summary>How long until one busy process, or a crowd that sleeps, stands still and is gone.</summary>
    private void Stop(int processes)
    {
        Samples freeze = new(), kill = new();
        int some = Math.Max(3, processes == 1 ? rounds : rounds / 10);
        for (int round = 0; round < some; round++)
        {
            using Cgroup group = host.Create(Name(), Quota.None);
            List<ChildProcess> children = [.. Enumerable.Range(0, processes).Select(_ => processes == 1 ? Busy() : Sleeper())];
            children.ForEach(child => group.Add(child.Id));
            if (host[CgroupAbility.Freeze].IsAvailable)
            {
                freeze.Add(Samples.Time(() => group.Freeze()));
                group.Thaw();
            }

            kill.Add(Samples.Time(() => group.Kill()));
            children.ForEach(static child => child.WaitForExit());
        }

        if (host[CgroupAbility.Freeze].IsAvailable)
            Show($"freeze-{processes}", freeze);
        Show($"kill-{processes}", kill);
    }

    /// <summary>What a busy loop gets of one core, in percent, over three seconds.</summary>
    private void Accuracy(int percent)
    {
        using Cgroup group = host.Create(Name(), new Quota { CpuPercent = percent });
        group.Add(Busy().Id);
        Thread.Sleep(500); // What it used before it came in, and the first period, are not the quota's.
        long begun = Stopwatch.GetTimestamp();
        TimeSpan before = group.Usage.CpuTime!.Value;
        Thread.Sleep(options.Quick ? 1000 : 3000);
        double share = (group.Usage.CpuTime!.Value - before) / Stopwatch.GetElapsedTime(begun) * 100;
        Add(new ResultRow($"cpu-{percent}", share, "%", "", null, null, null, null) { Min = share, Max = share });
    }

    private static ChildProcess Sleeper() => ChildProcess.Start(new SpawnPlan { Program = "/bin/sleep", Arguments = ["1000"] });

    private static ChildProcess Busy() => ChildProcess.Start(new SpawnPlan { Program = "/bin/sh", Arguments = ["-c", "while :; do :; done"] });

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"bench-{Environment.ProcessId}-{++groups}");

    private void Show(string row, Samples samples)
    {
        Add(samples.Row($"{row}-p50", 50));
        Add(samples.Row($"{row}-p99", 99));
    }

    private void Add(ResultRow row)
    {
        rows.Add(row);
        Console.Error.WriteLine(Report.Short(row));
    }

    private int Publish(string machine, string scale, IReadOnlyList<string> missing, string kind = "cgroups")
    {
        DateTime now = DateTime.UtcNow;
        ResultFile file = new(now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC", machine, scale, missing, rows);
        string text = string.Join('\n', (IEnumerable<string>)[file.Date, machine, scale, .. missing.Select(static line => $"skipped: {line}"), "", .. rows.Select(Report.Short)]) + "\n";
        string target = Path.Combine(root, "bench/results", now.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture) + $"-{kind}");
        File.WriteAllText(target + ".txt", text);
        File.WriteAllText(target + ".json", Report.Json(file) + "\n");
        Console.WriteLine(options.Json ? Report.Json(file) : text);
        return file.Rows.Any(static row => row.Met == false) ? 1 : 0;
    }
}

using System.Globalization;
using ClawOS.Bench.Fs.Client;
using ClawOS.Bench.Fs.Results;
using ClawOS.Bench.Fs.Stages;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs;

/// <summary>
/// `claw bench fs`: ClawFS beside its peers in one sitting. Rounds are interleaved, so that a change of the machine's mood meets all systems alike;
/// each stage gets a fresh file system; values are medians.
/// </summary>
/// <param name="options">The command line.</param>
/// <param name="repository">The root of the repository, whose build of claw is measured.</param>
internal sealed class FsBench(FsOptions options, string repository)
{
    private readonly string scratch = Path.Combine(options.Folder, $"claw-bench-{Environment.ProcessId}");
    private readonly SampleTable samples = new();
    private readonly List<string> skipped = [];

    /// <returns>The exit code: 0 when every floor that was measured is met, 1 when one is not, 2 for a row that does not exist.</returns>
    public int Run()
    {
        string[] claw = ClawSystem.ProgramOf(repository);
        string tools = Path.Combine(repository, "artifacts/bench-tools");
        string machine = Machine.Describe(options.Folder);
        Catalogue[] systems = [.. Catalogue.All(claw, tools).Where(s => s.Name == Catalogue.Claw || options.Peers.Contains(s.Name)).Where(s => IsReady(s, tools))];
        IReadOnlyList<Stage> stages = Stage.All(new TreeArchive(scratch, options.Scale.TreeFiles));
        if (options.Rows?.Except(stages.SelectMany(static s => s.Rows).Select(static r => r.Name)).FirstOrDefault() is { } unknown)
        {
            Console.Error.WriteLine($"no row {unknown}; the rows are {string.Join(", ", stages.SelectMany(static s => s.Rows).Select(static r => r.Name))}");
            return 2;
        }
        Directory.CreateDirectory(scratch);
        try
        {
            foreach (Stage stage in stages.Where(s => options.Rows is null || s.Rows.Any(r => options.Rows.Contains(r.Name))))
            {
                for (int round = 0; round < stage.Rounds(options.Scale); round++)
                {
                    foreach (Catalogue system in systems.Where(s => stage.Concerns(s.Name)))
                        RunOne(stage, system, round);
                }
            }
        }
        finally
        {
            // A system that could not be unmounted has left its folder: what is mounted below must not be deleted.
            if (Directory.Exists(scratch) && !File.ReadLines("/proc/self/mounts").Any(line => line.Contains($" {scratch}/", StringComparison.Ordinal)))
                Directory.Delete(scratch, recursive: true);
        }
        return Publish(stages, [.. systems.Select(static s => s.Name)], machine);
    }

    private bool IsReady(Catalogue system, string tools)
    {
        if (system.Prepare(tools) is not { } reason)
            return true;
        skipped.Add($"{system.Name}: {reason}");
        return false;
    }

    private void RunOne(Stage stage, Catalogue system, int round)
    {
        Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {stage.GetType().Name} {system.Name}, round {round + 1} of {stage.Rounds(options.Scale)}");
        int? core = stage.Pinned ? Environment.ProcessorCount - 1 : null;
        string root = Path.Combine(scratch, $"{system.Name}-{round}");
        try
        {
            PinnedThread.Run(core, () =>
            {
                using BenchedSystem mounted = system.Make(root);
                mounted.Start();
                Directory.CreateDirectory(mounted.Folder);
                stage.Run(new StageRun(system.Name, mounted, options.Scale, core, samples));
            });
        }
        catch (Exception e) when (system.Name != Catalogue.Claw && e is InvalidOperationException or IOException or TimeoutException)
        {
            // A peer that fails costs its own figures only; of ours a failure ends the run.
            skipped.Add($"{system.Name} in {stage.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private int Publish(IReadOnlyList<Stage> stages, IReadOnlyList<string> systems, string machine)
    {
        DateTime now = DateTime.UtcNow;
        string scale = string.Create(CultureInfo.InvariantCulture,
            $"median of {options.Scale.Rounds} interleaved rounds; large file {options.Scale.BigBytes >> 20} MiB, {options.Scale.SmallFiles} small files, archive of {options.Scale.TreeFiles} files; client and daemons on one core (nice -10) but for the row 2core");
        ResultFile file = new(now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC", machine, scale, skipped, Report.Rows(samples, stages.SelectMany(static s => s.Rows), systems));
        string text = Report.Text(file, systems);
        string json = Report.Json(file);
        string target = Path.Combine(repository, "bench/results", now.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture) + "-fs");
        File.WriteAllText(target + ".txt", text);
        File.WriteAllText(target + ".json", json + "\n");
        Console.WriteLine(options.Json ? json : text);
        return file.Rows.Any(static r => r.Met == false) ? 1 : 0;
    }
}

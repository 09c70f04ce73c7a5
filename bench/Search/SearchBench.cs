using System.Diagnostics;
using System.Globalization;
using ClawOS.Bench.Fs.Results;
using ClawOS.Bench.Fs.Systems;
using ClawOS.Bench.Hnsw.Data;

namespace ClawOS.Bench.Search;

/// <summary>`claw bench search`: what searching costs through the mount. Every row has an absolute limit.</summary>
internal sealed class SearchBench(SearchBenchOptions options, string root)
{
    private const long TreeBytes = 100_000_000;
    private const int Chunks = 100_000, Notes = 1000, NotesPerSecond = 100, Questions = 1000;

    private readonly List<ResultRow> rows = [];
    private readonly long bytes = options.Quick ? TreeBytes / 10 : TreeBytes;
    private readonly int chunks = options.Quick ? Chunks / 10 : Chunks;

    /// <returns>The exit code: 1 when a floor is not met.</returns>
    public int Run()
    {
        string[] claw = [Environment.ProcessPath!, Path.Combine(new FileInfo(Path.Combine(root, "artifacts/run/current")).ResolveLinkTarget(true)!.FullName, "claw.dll")];
        string machine = Machine.Describe(options.Folder);
        TextTree tree = new(new RealText(Path.Combine(root, "artifacts/hnsw")));
        using ClawSystem system = new(Path.Combine(options.Folder, $"claw-bench-search-{Environment.ProcessId}"), claw);
        system.Start();
        SearchMount mount = new(system);
        IReadOnlyList<FileInfo> part = tree.Part(0, bytes);
        mount.Set("embedder=none");
        Index(mount, part);
        Visible(mount);
        int files = part.Count;
        while (mount.Number("chunks") < chunks && tree.Part(files, bytes / 5) is { Count: > 0 } more)
        {
            TextTree.Copy(more, Path.Combine(mount.Memory, $"more{files}"));
            files += more.Count;
            mount.Until(static status => status["waiting"] == "0" && status["state"] == "ready");
        }

        string[] questions = TextTree.Questions(part, Questions, new Random(5));
        Answers(mount, questions[..(questions.Length / 2)], "words-");
        Stopwatch fit = Stopwatch.StartNew();
        mount.Set("embedder=lsi");
        mount.Until(static status => status["embedded"] != "0" && status["state"] == "ready");
        Show("fit", fit.Elapsed.TotalSeconds, "s");
        Show("chunks", mount.Number("chunks"), "");
        Show("index-memory", mount.Number("memory_bytes") / 1e6, "MB");
        Answers(mount, questions[(questions.Length / 2)..], "");
        Show("rss", mount.ResidentBytes / 1e6, "MB");
        system.Restart();
        Stopwatch opened = Stopwatch.StartNew();
        mount.Until(static status => status["state"] != "loading");
        Require("open-words", opened.Elapsed.TotalSeconds, "s", options.Quick ? null : 2);
        mount.Until(static status => status["embedded"] != "0");
        Require("open-vectors", opened.Elapsed.TotalSeconds, "s", options.Quick ? null : 2);
        return Publish(machine, $"{bytes / 1_000_000} MB in {part.Count} files, then {files} files for {chunks} chunks");
    }

    /// <summary>From the first file until all are searchable.</summary>
    private void Index(SearchMount mount, IReadOnlyList<FileInfo> part)
    {
        long most = 0;
        Stopwatch clock = Stopwatch.StartNew();
        Task copy = Task.Run(() => TextTree.Copy(part, Path.Combine(mount.Memory, "tree")));
        mount.Until(status => copy.IsCompleted && status["waiting"] == "0" && status["state"] == "ready" && int.Parse(status["files"], CultureInfo.InvariantCulture) + int.Parse(status["skipped"], CultureInfo.InvariantCulture) >= part.Count,
            () => most = Math.Max(most, mount.ResidentBytes));
        copy.GetAwaiter().GetResult();
        Require("index-100mb", clock.Elapsed.TotalSeconds, "s", options.Quick ? null : 60);
        Require("index-100mb-rss", most / 1e6, "MB", 400);
    }

    /// <summary>Files of one rare word each at a steady pace: from close(2) until a search finds it.</summary>
    private void Visible(SearchMount mount)
    {
        string folder = Directory.CreateDirectory(Path.Combine(mount.Memory, "notes")).FullName;
        long[] closed = new long[Notes];
        double[] waited = new double[Notes];
        Stopwatch clock = Stopwatch.StartNew();
        Task writing = Task.Factory.StartNew(() =>
        {
            for (int i = 0; i < Notes; i++)
            {
                TimeSpan due = TimeSpan.FromSeconds((double)i / NotesPerSecond) - clock.Elapsed;
                if (due > TimeSpan.Zero)
                    Thread.Sleep(due);
                File.WriteAllText(Path.Combine(folder, $"note{i}.md"), $"# Note\nThis one is called {Word(i)} and stands among others.\n");
                Volatile.Write(ref closed[i], Stopwatch.GetTimestamp());
            }
        }, TaskCreationOptions.LongRunning);
        for (int i = 0; i < Notes; i++)
        {
            while (Volatile.Read(ref closed[i]) == 0 || !mount.Answer(Word(i)).Contains($"note{i}.md", StringComparison.Ordinal))
                Thread.Sleep(5);
            waited[i] = Stopwatch.GetElapsedTime(closed[i]).TotalSeconds;
        }

        writing.GetAwaiter().GetResult();
        Array.Sort(waited);
        Show("visible-p50", waited[Notes / 2], "s");
        Require("visible-max", waited[^1], "s", 1);
    }

    private static string Word(int i) => $"zq{i:d4}vx";

    /// <summary>Questions that nobody has asked before, each once.</summary>
    private void Answers(SearchMount mount, string[] questions, string name)
    {
        // What the first questions of all compile is not theirs.
        foreach (string question in questions[..20])
            mount.Answer(question);
        double[] took = [.. questions[20..].Select(question =>
        {
            long begun = Stopwatch.GetTimestamp();
            mount.Answer(question);
            return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }).Order()];
        Require($"{name}answer-p50", took[took.Length / 2], "ms", 5);
        Require($"{name}answer-p99", took[took.Length * 99 / 100], "ms", 20);
    }

    private void Show(string row, double value, string unit) => Add(new ResultRow(row, value, unit, "", null, null, null, null));

    private void Require(string row, double value, string unit, double? most) =>
        Add(new ResultRow(row, value, unit, Fs.Row.Limit, 1, value, most, most is { } limit ? value <= limit : null));

    private void Add(ResultRow row)
    {
        rows.Add(row with { Min = row.Value, Max = row.Value });
        Console.Error.WriteLine(Report.Short(row));
    }

    private int Publish(string machine, string scale)
    {
        DateTime now = DateTime.UtcNow;
        ResultFile file = new(now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC", machine, scale, [], rows);
        string text = string.Join('\n', rows.Select(Report.Short).Prepend("").Prepend(scale).Prepend(machine).Prepend(file.Date)) + "\n";
        string target = Path.Combine(root, "bench/results", now.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture) + "-search");
        File.WriteAllText(target + ".txt", text);
        File.WriteAllText(target + ".json", Report.Json(file) + "\n");
        Console.WriteLine(options.Json ? Report.Json(file) : text);
        return rows.Any(static row => row.Met == false) ? 1 : 0;
    }
}

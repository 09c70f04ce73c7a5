using System.Diagnostics;
using ClawOS.Bench.Fs.Client;
using ClawOS.Bench.Fs.Results;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>One pass of one stage over one file system.</summary>
/// <param name="systemName">For the samples.</param>
/// <param name="system">Mounted.</param>
/// <param name="scale">How much to do.</param>
/// <param name="core">Where clients run, null: anywhere.</param>
/// <param name="samples">Takes what is measured.</param>
internal sealed class StageRun(string systemName, BenchedSystem system, Scale scale, int? core, SampleTable samples)
{
    private const double Megabyte = 1e6, Mebibyte = 1 << 20;

    public BenchedSystem System => system;
    public Scale Scale => scale;
    public int? Core => core;

    /// <summary>A new folder on the file system under test.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(system.Folder, name)).FullName;

    /// <summary>Times a transfer; processor time is told for each MiB.</summary>
    /// <param name="row">What it counts for.</param>
    /// <param name="bytes">How much is moved.</param>
    /// <param name="work">The timed part.</param>
    /// <param name="hot">Begins at once, before any system's caches get old; else all that is dirty is written first.</param>
    public void Throughput(Row row, long bytes, Action work, bool hot = false) => Time(row, work, hot, bytes / Mebibyte, seconds => bytes / Megabyte / seconds);

    /// <summary>Times a number of equal operations.</summary>
    public void Rate(Row row, int operations, Action work, bool hot = false) => Time(row, work, hot, operations, seconds => operations / seconds);

    /// <summary>Times one long step.</summary>
    public void Seconds(Row row, Action work, bool hot = false) => Time(row, work, hot, 1, static seconds => seconds);

    /// <summary>Operations a second, for a row that compares two of them; nothing is kept.</summary>
    public double RateOf(int operations, Action work)
    {
        Calls.Sync();
        system.LevelSessions();
        long start = Stopwatch.GetTimestamp();
        work();
        return operations / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Keeps a value that is no time.</summary>
    public void Keep(Row row, double value) => samples.Add(systemName, row, new Sample(value, 0));

    private void Time(Row row, Action work, bool hot, double operations, Func<double, double> value)
    {
        if (!hot)
            Calls.Sync();
        system.LevelSessions();
        double before = system.DaemonMicroseconds();
        long start = Stopwatch.GetTimestamp();
        work();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        samples.Add(systemName, row, new Sample(value(seconds), (system.DaemonMicroseconds() - before) / operations));
    }
}

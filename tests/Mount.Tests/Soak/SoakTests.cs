using System.Diagnostics;
using System.Globalization;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Soak;

/// <summary>An hour of mixed work under --long; CLAW_SOAK_MINUTES gives another length, also without --long. Prints the curve.</summary>
public sealed class SoakTests(ITestOutputHelper output) : ProductTests
{
    private const int Samples = 120;
    private const long Mebi = 1 << 20;

    [Fact]
    public async Task What_the_service_holds_stays_bounded_under_an_hour_of_mixed_work()
    {
        TimeSpan length = Length();
        Need.Program("git", "sqlite3");
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        using ClawMount claw = new ClawMount().Up();
        int service = ServiceOf(claw);
        using CancellationTokenSource stop = new();
        SoakLoad load = new(claw.Memory, seed, stop.Token);
        Task[] work = load.Start();
        List<SoakSample> samples;
        try
        {
            samples = Watch(claw, service, work, length);
        }
        finally
        {
            await stop.CancelAsync();
        }
        await Task.WhenAll(work);
        output.WriteLine(SoakSample.Header);
        foreach (SoakSample sample in samples)
            output.WriteLine(sample.ToString());
        output.WriteLine($"{load.Rounds} rounds of work");
        Bounded(samples);
        claw.Down();
        claw.Claw(TimeSpan.FromMinutes(5), "fsck", claw.Store).Must();
    }

    private static TimeSpan Length()
    {
        if (double.TryParse(Environment.GetEnvironmentVariable("CLAW_SOAK_MINUTES"), CultureInfo.InvariantCulture, out double minutes))
            return TimeSpan.FromMinutes(minutes);
        if (!Need.Long)
            Assert.Skip("runs for an hour: ./claw test --long, or CLAW_SOAK_MINUTES=5");
        return TimeSpan.FromHours(1);
    }

    private static List<SoakSample> Watch(ClawMount claw, int service, Task[] work, TimeSpan length)
    {
        List<SoakSample> samples = [];
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 1; i <= Samples; i++)
        {
            TimeSpan left = length / Samples * i - clock.Elapsed;
            // Ends early only when work has failed.
            int ended = left > TimeSpan.Zero ? Task.WaitAny(work, left) : -1;
            Assert.True(ended < 0, ended < 0 ? "" : $"after {clock.Elapsed}: {work[ended].Exception}");
            samples.Add(SoakSample.Take(claw, service, clock.Elapsed));
        }
        return samples;
    }

    /// <summary>Caps where the design has a number, and the last fifth against the second one, when caches and pools are full.</summary>
    private static void Bounded(List<SoakSample> samples)
    {
        List<SoakSample> early = samples[(Samples / 5)..(2 * Samples / 5)], late = samples[^(Samples / 5)..];
        // SQLite copies its WAL at 4,000 pages, a commit may be larger once.
        AtMost(64 * Mebi, samples, static s => s.Wal, "bytes of claw.db-wal");
        // A checkpoint is due at 48 MiB of journal or 20,000 objects; work goes on while it runs.
        AtMost(144 * Mebi, samples, static s => s.Journal, "bytes of journal");
        AtMost(12, samples, static s => s.JournalFiles, "journal files");
        AtMost(60_000, samples, static s => s.Dirty, "dirty objects");
        // 256 segments, readers and the mount.
        AtMost(400, samples, static s => s.Descriptors, "descriptors");
        Assert.All(samples, static s => Assert.True(s.SegmentBytes <= 1.3 * s.Used + 200 * Mebi, $"{s.SegmentBytes} bytes of segments for {s.Used} in use after {s.At}"));
        Grows(early, late, static s => s.Resident, 1.2, 24 * Mebi, "resident bytes");
        Grows(early, late, static s => s.Descriptors, 1, 24, "descriptors");
        Grows(early, late, static s => s.SegmentFiles, 1.3, 4, "segment files");
        Grows(early, late, static s => s.JournalFiles, 1, 2, "journal files");
        Grows(early, late, static s => s.Wal, 1, 20 * Mebi, "bytes of claw.db-wal");
    }

    private static void AtMost(long cap, List<SoakSample> samples, Func<SoakSample, long> value, string what)
    {
        SoakSample worst = samples.MaxBy(value)!;
        Assert.True(value(worst) <= cap, $"{value(worst)} {what} after {worst.At}, at most {cap} are allowed");
    }

    private static void Grows(List<SoakSample> early, List<SoakSample> late, Func<SoakSample, long> value, double factor, long slack, string what)
    {
        long before = early.Select(value).Order().ElementAt(early.Count / 2), after = late.Select(value).Order().ElementAt(late.Count / 2);
        Assert.True(after <= factor * before + slack, $"{what} grew from {before} to {after} (medians)");
    }

    private static int ServiceOf(ClawMount claw) => Directory.EnumerateDirectories("/proc").Where(static p => int.TryParse(Path.GetFileName(p), out _))
        .Where(p => CommandLine(p) is { } words && words.Contains("serve-fs") && words.Contains(claw.Mount)).Select(static p => int.Parse(Path.GetFileName(p), CultureInfo.InvariantCulture)).Single();

    private static string[]? CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline").Split('\0');
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return null;
        }
    }
}

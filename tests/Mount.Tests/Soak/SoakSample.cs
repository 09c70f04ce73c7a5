using System.Globalization;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Soak;

/// <summary>What a service holds at one moment. Bytes unless said otherwise.</summary>
internal sealed record SoakSample(TimeSpan At, long Resident, int Descriptors, long Wal, int JournalFiles, long Journal, int SegmentFiles, long SegmentBytes, long Used, long Dirty)
{
    public const string Header = "   min  RSS MiB  fds  WAL MiB  log files  journal MiB  seg files  seg MiB  used MiB  dirty";

    public static SoakSample Take(ClawMount claw, int service, TimeSpan at)
    {
        string process = $"/proc/{service}";
        string resident = File.ReadLines(process + "/status").Single(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        Dictionary<string, long> cache = File.ReadLines(Path.Combine(claw.Mount, "sys/fs/cache")).Select(static line => line.Split(' '))
            .ToDictionary(static parts => parts[0], static parts => Number(parts[1]));
        string wal = Path.Combine(claw.Store, "claw.db-wal");
        return new SoakSample(
            at,
            Number(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) << 10,
            Directory.GetFileSystemEntries(process + "/fd").Length,
            File.Exists(wal) ? new FileInfo(wal).Length : 0,
            Directory.GetFiles(Path.Combine(claw.Store, "log")).Length,
            cache["journal_bytes"],
            Directory.GetFiles(Path.Combine(claw.Store, "seg")).Length,
            // Blocks, not lengths: holes have been given back. A segment may go while du looks at it.
            Number(Programs.Shell(claw.Base, $"(du -s -B1 '{claw.Store}/seg' 2>/dev/null || true) | cut -f1").Trim()),
            Number(File.ReadAllText(Path.Combine(claw.Mount, "sys/fs/used")).Trim()),
            cache["dirty"]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{At.TotalMinutes,6:F1}  {Mebi(Resident),7:F0}  {Descriptors,3}  {Mebi(Wal),7:F1}  {JournalFiles,9}  {Mebi(Journal),11:F1}  {SegmentFiles,9}  {Mebi(SegmentBytes),7:F0}  {Mebi(Used),8:F0}  {Dirty,5}");

    private static double Mebi(long bytes) => bytes / 1048576.0;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

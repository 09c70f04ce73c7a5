using System.Globalization;

namespace ClawOS.Bench.Spikes;

/// <summary>
/// The measurement behind docs/adr/0001-store-shape.md: file data as SQLite rows against append-only segments with rows for what describes them. Prints a table in Markdown.
/// </summary>
internal static class StoreShape
{
    public static void Run(string root)
    {
        SQLitePCL.Batteries_V2.Init();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, {Processor()}, Linux {Environment.OSVersion.Version}, SQLite {SQLitePCL.raw.sqlite3_libversion().utf8_to_string()}, median of 5 runs"));
        Console.WriteLine();
        Console.WriteLine("| case | wall us/op | CPU us/op | disk bytes a plaintext byte |");
        Console.WriteLine("|---|---|---|---|");
        foreach (int perCommit in (int[])[32, 1000])
        {
            Measured.Case($"4 KiB file as one row, page 4096, {perCommit} a commit", root, f => new SmallFilesAsRows(f, 4096, 4096, perCommit));
            Measured.Case($"4 KiB file as one row, page 16384, {perCommit} a commit", root, f => new SmallFilesAsRows(f, 16384, 4096, perCommit));
            Measured.Case($"4 KiB file in a segment, journal, 250 B row, {perCommit} a commit", root, f => new SmallFilesInSegments(f, 4096, perCommit));
            Measured.Case($"1 KiB file as one row, page 4096, {perCommit} a commit", root, f => new SmallFilesAsRows(f, 4096, 1024, perCommit));
            Measured.Case($"1 KiB file in a segment, journal, 250 B row, {perCommit} a commit", root, f => new SmallFilesInSegments(f, 1024, perCommit));
        }
        Measured.Case("1 MiB as rows of 64 KiB, page 4096", root, static f => new SequentialAsRows(f, 4096, 65536));
        Measured.Case("1 MiB as rows of 64 KiB, page 16384", root, static f => new SequentialAsRows(f, 16384, 65536));
        Measured.Case("1 MiB as rows of 64 KiB, page 65536", root, static f => new SequentialAsRows(f, 65536, 65536));
        Measured.Case("1 MiB in a segment, blocks of 4 KiB, journal, map rows", root, static f => new SequentialInSegments(f));
        Measured.Case("4 KiB overwritten in rows of 64 KiB, page 16384, durable every 32", root, static f => new RandomOverwriteOfRows(f, 16384, 65536));
        Measured.Case("4 KiB overwritten in rows of 4 KiB, page 4096, durable every 32", root, static f => new RandomOverwriteOfRows(f, 4096, 4096));
        Measured.Case("4 KiB overwritten in segments, journal, map rows, durable every 32", root, static f => new RandomOverwriteInSegments(f));
        Measured.Case("4 KiB read from rows of 64 KiB, page 16384, page cache warm", root, static f => new RandomReadOfRows(f, 16384, 65536));
        Measured.Case("4 KiB read from rows of 4 KiB, page 4096, page cache warm", root, static f => new RandomReadOfRows(f, 4096, 4096));
        Measured.Case("4 KiB read from segments, page cache warm", root, static f => new RandomReadOfSegments(f));
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
}

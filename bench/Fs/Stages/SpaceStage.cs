using ClawOS.Bench.Fs.Client;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>Memory of the idle service that has indexed what was written, and disk space after it has gone down, of ClawFS alone.</summary>
internal sealed class SpaceStage : Stage
{
    internal static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    public override IReadOnlyList<Row> Rows => [Row.ResidentIndexed, Row.SpaceSmall, Row.SpaceLarge, Row.SpaceAfterRemoval];

    public override bool Concerns(string system) => system == Catalogue.Claw;

    public override void Run(StageRun run)
    {
        run.System.Stop();
        long empty = Stored(run.System);
        run.System.Start();
        SmallFiles files = new(run.Folder("small"), run.Scale.SpaceFiles);
        files.Create();
        Calls.Sync();
        // The service is what is waited for: its checkpoint, and memory that it gives back by itself.
        Thread.Sleep(Idle);
        run.Keep(Row.ResidentIndexed, run.System.ResidentBytes() / 1e6);
        run.System.Stop();
        long small = Stored(run.System);
        run.Keep(Row.SpaceSmall, (double)(small - empty) / ((long)files.Count * SmallFiles.Size));
        run.System.Start();
        BigFile big = new(Path.Combine(run.System.Folder, "big"), run.Scale.BigBytes);
        big.Write();
        run.System.Stop();
        long full = Stored(run.System);
        run.Keep(Row.SpaceLarge, (double)(full - small) / big.Bytes);
        run.System.Start();
        Directory.Delete(Path.Combine(run.System.Folder, "small"), recursive: true);
        File.Delete(Path.Combine(run.System.Folder, "big"));
        Thread.Sleep(Idle);
        run.System.Stop();
        run.Keep(Row.SpaceAfterRemoval, (double)(Stored(run.System) - empty) / (full - empty));
        run.System.Start();
    }

    // What the disk gives, not what the files call their length: a log may be allocated ahead or sparse.
    private static long Stored(BenchedSystem system) =>
        long.Parse(Command.Run("du", "-s", "-B1", system.Backing).Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);
}

using ClawOS.Bench.Fs.Client;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>4 KiB at random offsets of a large file.</summary>
internal sealed class RandomStage : Stage
{
    public override IReadOnlyList<Row> Rows => [Row.RandomReadCold, Row.RandomWrite];

    public override void Run(StageRun run)
    {
        BigFile file = new(Path.Combine(run.System.Folder, "big"), run.Scale.BigBytes);
        file.Write();
        run.System.Restart();
        run.Rate(Row.RandomReadCold, run.Scale.RandomReads, () => file.ReadAtRandom(run.Scale.RandomReads));
        run.Rate(Row.RandomWrite, run.Scale.RandomWrites, () => file.WriteAtRandom(run.Scale.RandomWrites));
    }
}

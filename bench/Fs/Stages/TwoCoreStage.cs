using ClawOS.Bench.Fs.Client;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>Writing where client and daemons may use every core.</summary>
internal sealed class TwoCoreStage : Stage
{
    public override IReadOnlyList<Row> Rows => [Row.SequentialWriteTwoCores];

    public override bool Pinned => false;

    public override void Run(StageRun run)
    {
        BigFile file = new(Path.Combine(run.System.Folder, "big"), run.Scale.BigBytes);
        run.Throughput(Row.SequentialWriteTwoCores, file.Bytes, file.Write);
    }
}

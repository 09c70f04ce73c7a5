using ClawOS.Bench.Fs.Client;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>One large file, end to end.</summary>
internal sealed class SequentialStage : Stage
{
    public override IReadOnlyList<Row> Rows => [Row.SequentialWrite, Row.SequentialReadCold, Row.SequentialReadWarm];

    public override void Run(StageRun run)
    {
        BigFile file = new(Path.Combine(run.System.Folder, "big"), run.Scale.BigBytes);
        run.Throughput(Row.SequentialWrite, file.Bytes, file.Write);
        run.System.Restart();
        run.Throughput(Row.SequentialReadCold, file.Bytes, file.Read);
        run.Throughput(Row.SequentialReadWarm, file.Bytes, file.Read, hot: true);
    }
}

using ClawOS.Bench.Fs.Client;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>Small files, one client. Hot is the second pass.</summary>
internal sealed class SmallFileStage : Stage
{
    public override IReadOnlyList<Row> Rows => [Row.Create, Row.StatCold, Row.StatHot, Row.ReadCold, Row.ReadHot];

    public override void Run(StageRun run)
    {
        SmallFiles files = new(run.Folder("small"), run.Scale.SmallFiles);
        run.Rate(Row.Create, files.Count, files.Create);
        run.System.Restart();
        run.Rate(Row.StatCold, files.Count, files.Stat);
        run.Rate(Row.StatHot, files.Count, files.Stat, hot: true);
        run.System.Restart();
        run.Rate(Row.ReadCold, files.Count, files.Read);
        run.Rate(Row.ReadHot, files.Count, files.Read, hot: true);
    }
}

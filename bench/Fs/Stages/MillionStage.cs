using ClawOS.Bench.Fs.Client;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>The same work in an empty store and in one that holds a million files: how many times slower it gets. Of ClawFS alone, once.</summary>
internal sealed class MillionStage : Stage
{
    public override IReadOnlyList<Row> Rows => [Row.CreateAmongMany, Row.StatAmongMany];

    public override bool Concerns(string system) => system == Catalogue.Claw;

    public override int Rounds(Scale scale) => 1;

    public override void Run(StageRun run)
    {
        (double create, double stat) alone = Measure(run, "first");
        new SmallFiles(run.Folder("many"), run.Scale.ManyFiles).Create();
        (double create, double stat) among = Measure(run, "second");
        run.Keep(Row.CreateAmongMany, alone.create / among.create);
        run.Keep(Row.StatAmongMany, alone.stat / among.stat);
    }

    private static (double Create, double Stat) Measure(StageRun run, string folder)
    {
        run.System.Restart();
        SmallFiles files = new(run.Folder(folder), run.Scale.SmallFiles);
        double create = run.RateOf(files.Count, files.Create);
        run.System.Restart();
        return (create, run.RateOf(files.Count, files.Stat));
    }
}

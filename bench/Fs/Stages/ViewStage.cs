using ClawOS.Bench.Fs.Client;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>What a sandbox's view costs: the same files through the mount and through /claw of a sandbox. Which comes first changes from round to round.</summary>
internal sealed class ViewStage : Stage
{
    private const int Passes = 4;
    private int rounds;

    public override IReadOnlyList<Row> Rows => [Row.ViewStatCold, Row.ViewStatHot, Row.ViewReadCold, Row.ViewReadHot];

    public override bool Concerns(string system) => system == Catalogue.Claw;

    public override void Run(StageRun run)
    {
        string folder = run.Folder("small");
        SmallFiles made = new(folder, run.Scale.SmallFiles);
        made.Create();
        bool viewFirst = rounds++ % 2 == 1;
        Dictionary<Row, double> outside = [], inside = [];
        foreach (bool inView in (bool[])[viewFirst, !viewFirst])
        {
            Dictionary<Row, double> rates = inView ? inside : outside;
            Measure(run, folder, inView, rates, Row.ViewStatCold, Row.ViewStatHot, static files => files.Stat);
            Measure(run, folder, inView, rates, Row.ViewReadCold, Row.ViewReadHot, static files => files.Read);
        }

        foreach (Row row in Rows)
            run.Keep(row, outside[row] / inside[row]);
    }

    /// <summary>Cold is the first pass after a restart, hot the best of those behind it.</summary>
    private static void Measure(StageRun run, string folder, bool inView, Dictionary<Row, double> rates, Row cold, Row hot, Func<SmallFiles, Action> work)
    {
        run.System.Restart();
        // The sandbox is started for both, so that fs has had the same time and the same work before.
        (System.Diagnostics.Process sandbox, int inside) = ((ClawSystem)run.System).StartInView();
        try
        {
            Directory.SetCurrentDirectory(inView ? $"/proc/{inside}/root/claw/memory/small" : folder);
            SmallFiles files = new("", run.Scale.SmallFiles);
            rates[cold] = run.RateOf(files.Count, work(files));
            rates[hot] = Enumerable.Range(0, Passes).Max(_ => run.RateOf(files.Count, work(files)));
        }
        finally
        {
            Directory.SetCurrentDirectory("/");
            sandbox.Kill(entireProcessTree: true);
            sandbox.WaitForExit();
            sandbox.Dispose();
        }
    }
}

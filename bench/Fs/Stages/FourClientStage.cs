using ClawOS.Bench.Fs.Client;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>Small files, four clients at once, each in folders of its own.</summary>
internal sealed class FourClientStage : Stage
{
    private const int Clients = 4;

    public override IReadOnlyList<Row> Rows => [Row.CreateByFour, Row.StatByFour, Row.ReadByFour];

    public override void Run(StageRun run)
    {
        SmallFiles[] files = [.. Enumerable.Range(0, Clients).Select(i => new SmallFiles(run.Folder($"client-{i}"), run.Scale.SmallFiles / Clients))];
        int count = files.Sum(static f => f.Count);
        run.Rate(Row.CreateByFour, count, () => PinnedThread.Run(run.Core, [.. files.Select(static f => (Action)f.Create)]));
        run.System.Restart();
        run.Rate(Row.StatByFour, count, () => PinnedThread.Run(run.Core, [.. files.Select(static f => (Action)f.Stat)]));
        run.Rate(Row.ReadByFour, count, () => PinnedThread.Run(run.Core, [.. files.Select(static f => (Action)f.Read)]));
    }
}

using ClawOS.Bench.Fs.Client;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs.Stages;

/// <summary>Memory of the service that rests after many files were written to it, without the search index (index=off), of ClawFS alone.</summary>
internal sealed class ResidentStage : Stage
{
    public override IReadOnlyList<Row> Rows => [Row.Resident];

    public override bool Concerns(string system) => system == Catalogue.Claw;

    public override int Rounds(Scale scale) => 1;

    public override void Run(StageRun run)
    {
        run.System.SwitchIndexOff();
        run.System.Restart();
        new SmallFiles(run.Folder("small"), run.Scale.SpaceFiles).Create();
        Calls.Sync();
        // The service is what is waited for: its checkpoint, and memory that it gives back by itself.
        Thread.Sleep(SpaceStage.Idle);
        run.Keep(Row.Resident, run.System.ResidentBytes() / 1e6);
    }
}

namespace ClawOS.Bench.Fs.Stages;

/// <summary>A source tree unpacked, looked at by git and removed, by the programs that people use.</summary>
internal sealed class TreeStage(TreeArchive archive) : Stage
{
    private const int StatusRuns = 3;

    public override IReadOnlyList<Row> Rows => [Row.Unpack, Row.GitStatus, Row.Remove];

    public override void Run(StageRun run)
    {
        string parent = run.Folder("unpacked");
        string tree = Path.Combine(parent, TreeArchive.Name);
        // Reads the archive once, so that its own disk reads are in no system's time.
        string file = archive.File;
        Command.Run("tar", "-tf", file);
        run.Seconds(Row.Unpack, () => Command.RunIn(parent, null, "tar", "-xf", file));
        // The first status reads every file and writes git's index, the next ones are hot.
        Command.RunIn(tree, null, "git", "status", "--short");
        for (int i = 0; i < StatusRuns; i++)
            run.Seconds(Row.GitStatus, () => Command.RunIn(tree, null, "git", "status", "--short"), hot: true);
        run.Seconds(Row.Remove, () => Command.RunIn(parent, null, "rm", "-rf", TreeArchive.Name));
    }
}

namespace ClawOS.Bench.Fs.Stages;

/// <summary>Rows that share their preparation, measured in one go on a fresh file system.</summary>
internal abstract class Stage
{
    public abstract IReadOnlyList<Row> Rows { get; }

    /// <summary>Whether client and daemons share one core.</summary>
    public virtual bool Pinned => true;

    /// <summary>Whether a system takes part.</summary>
    public virtual bool Concerns(string system) => true;

    /// <summary>How often it is run.</summary>
    public virtual int Rounds(Scale scale) => scale.Rounds;

    /// <summary>Measures each row once. The system is mounted already.</summary>
    public abstract void Run(StageRun run);

    /// <summary>All, in the order of the table.</summary>
    public static IReadOnlyList<Stage> All(TreeArchive archive) =>
        [new SequentialStage(), new TwoCoreStage(), new RandomStage(), new SmallFileStage(), new FourClientStage(), new TreeStage(archive), new ResidentStage(), new SpaceStage(), new MillionStage(), new ViewStage()];
}

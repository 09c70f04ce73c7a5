namespace ClawOS.Bench.Fs.Systems;

/// <summary>The disk's own file system: a folder beside the others' backing folders.</summary>
internal sealed class PlainFolder(string root) : BenchedSystem(root)
{
    public override string Folder => Path.Combine(Backing, "memory");

    public override IReadOnlyList<int> Daemons() => [];

    public override void Start()
    {
    }

    public override void Stop()
    {
    }
}

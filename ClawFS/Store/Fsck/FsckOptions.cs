namespace ClawFS.Store;

/// <summary>What a check of a store does.</summary>
public sealed class FsckOptions
{
    /// <summary>Mends what can be mended. Changes of others wait meanwhile. Default false.</summary>
    public bool Repair { get; init; }

    /// <summary>Also reads every block of every file. Default true.</summary>
    public bool CheckData { get; init; } = true;

    /// <summary>Problems carry the path of what they are about, where it is known. Default false: messages then hold numbers only.</summary>
    public bool Paths { get; init; }

    /// <summary>Told how far the check is, at least twice a second, from another thread. Default: nobody.</summary>
    public IProgress<FsckProgress>? Progress { get; init; }
}

/// <summary>How far a check is.</summary>
/// <param name="Stage">What it does now, for people: "rows", "names", "space", "blocks", "repair".</param>
/// <param name="Done">Units done in this stage (rows, or MiB of content).</param>
/// <param name="Total">Units of this stage, 0 = unknown.</param>
public readonly record struct FsckProgress(string Stage, long Done, long Total);

namespace ClawFS.Store;

/// <summary>Where the background check stands.</summary>
/// <param name="State">What it does now.</param>
/// <param name="Begun">When the last pass began; null = never.</param>
/// <param name="Ended">When the last whole pass ended; null = never.</param>
/// <param name="Rows">Rows that the last pass has looked at so far.</param>
/// <param name="Blocks">Blocks that it has read.</param>
/// <param name="Problems">What it has found.</param>
public readonly record struct ScrubStatus(ScrubState State, DateTimeOffset? Begun, DateTimeOffset? Ended, long Rows, long Blocks, int Problems);

/// <summary>What the background check does.</summary>
public enum ScrubState
{
    /// <summary>It is not wanted (<see cref="StoreOptions.ScrubPeriod"/>).</summary>
    Off,
    /// <summary>The next pass is not due yet.</summary>
    Waiting,
    /// <summary>A pass is under way.</summary>
    Running,
}

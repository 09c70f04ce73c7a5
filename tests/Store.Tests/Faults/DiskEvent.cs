namespace ClawFS.Store.Tests.Faults;

internal enum DiskAction
{
    Create,
    Rename,
    Delete,
    SyncFolder,
    Write,
    Truncate,
    PunchHole,
    Sync,
    FailedSync,
    Allocate,
}

/// <summary>One thing that reached the modelled disk. Which fields hold something depends on the action.</summary>
internal sealed record DiskEvent(DiskAction Action)
{
    /// <summary>Number of the file, whatever its name is now.</summary>
    public int File { get; init; }

    /// <summary>"seg" or "log"; "" is the store folder itself.</summary>
    public string Folder { get; init; } = "";
    public string Name { get; init; } = "";
    public string NewName { get; init; } = "";
    public long Offset { get; init; }
    public long Length { get; init; }
    public byte[] Data { get; init; } = [];
}

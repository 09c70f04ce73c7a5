namespace ClawFS.Vfs;

/// <summary>The generated children of one stored folder at one moment. Never changes: each change makes another one.</summary>
internal sealed class Overlay
{
    private readonly FolderListing listing;
    private readonly Timestamp changedAt;
    private readonly uint changes;

    /// <summary>No children yet.</summary>
    public Overlay() : this(new(NameComparer.Instance), default, 0) { }

    private Overlay(Dictionary<byte[], GeneratedNode> children, Timestamp changedAt, uint changes)
    {
        Children = children;
        this.changedAt = changedAt;
        this.changes = changes;
        listing = FolderListing.Of(children.Select(static child => (child.Key, child.Value.Ino, child.Value.Mode)));
    }

    /// <summary>The children by name. Not to be changed.</summary>
    public Dictionary<byte[], GeneratedNode> Children { get; }

    /// <summary>What follows once the children are these.</summary>
    public Overlay With(Dictionary<byte[], GeneratedNode> children) => new(children, Timestamp.NowAfter(changedAt), changes + 1);

    /// <summary>
    /// The mtime to show instead of the stored one: the later of the two changes, and another one after each change of the children, even when the stored one lies in
    /// the future. The kernel holds the merged listing against it.
    /// </summary>
    public Timestamp Shown(Timestamp stored) => (stored.CompareTo(changedAt) > 0 ? stored : changedAt).Plus(changes % 1_000_000_000);

    /// <inheritdoc cref="FolderListing.Read"/>
    public void Read(ulong from, ulong firstCookie, DirSink sink) => listing.Read(from, firstCookie, sink);
}

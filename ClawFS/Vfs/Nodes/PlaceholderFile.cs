namespace ClawFS.Vfs;

/// <summary>
/// An empty file of a view over which the launcher binds a stored one. The kernel may keep its name for long, unlike that of other generated files: a walk to what
/// is bound over it asks fs nothing, and nothing changes that would make the kernel drop the name and the mount with it. Nobody may open it.
/// </summary>
public sealed class PlaceholderFile : GeneratedNode
{
    private const uint StaticSeconds = 3600;

    private readonly NodeShape shape = new(0, Timestamp.Now, 1);

    /// <summary>Makes one.</summary>
    public PlaceholderFile() : base(FileMode.Regular) { }

    /// <inheritdoc/>
    protected internal override uint EntrySeconds => StaticSeconds;

    /// <inheritdoc/>
    protected internal override uint AttrSeconds => StaticSeconds;

    /// <inheritdoc/>
    protected internal override NodeShape Measure() => shape;
}

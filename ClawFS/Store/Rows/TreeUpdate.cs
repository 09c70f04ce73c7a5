using System.Buffers;

namespace ClawFS.Store.Rows;

/// <summary>
/// What one commit changes in the freshness tree: copies of the nodes on the way from the changed rows to the top. Nothing is visible to readers until
/// <see cref="VersionTree.Publish"/>; a commit that fails just drops this.
/// </summary>
internal sealed class TreeUpdate : IDisposable
{
    private readonly VersionTree tree;
    private readonly List<Change> changes = [];
    private List<Change> level = [];

    /// <summary>A node with its new versions.</summary>
    internal sealed record Change(int Level, ulong Index, VersionNode? Live, ulong[] Buffer)
    {
        /// <summary>The new versions.</summary>
        public Span<ulong> Versions => Buffer.AsSpan(0, VersionNode.Size);
    }

    /// <summary>Writes the row of a node, or removes it if all its versions are 0, and tells its new version.</summary>
    internal delegate ulong NodeSaver(ulong id, ReadOnlySpan<ulong> versions);

    /// <summary>Starts without changes.</summary>
    public TreeUpdate(VersionTree tree)
    {
        this.tree = tree;
        Top = tree.Top;
        TopVersion = tree.TopVersion;
    }

    /// <summary>Every changed node.</summary>
    public IReadOnlyList<Change> Changes => changes;

    /// <summary>Level of the top node after the commit.</summary>
    public int Top { get; private set; }

    /// <summary>Version of the top node after the commit.</summary>
    public ulong TopVersion { get; private set; }

    /// <summary>Sets the version of a row; ids must come in ascending order.</summary>
    public void Set(ulong id, ulong version)
    {
        NodeFor(level, 0, id >> VersionNode.Bits).Versions[(int)(id & (VersionNode.Size - 1))] = version;
        while (id >> (VersionNode.Bits * (Top + 1)) != 0)
            Top++;
    }

    /// <summary>Saves every changed node, leaves first: a node holds the versions of the ones below.</summary>
    public void Save(NodeSaver save)
    {
        for (int depth = 0; level.Count > 0; depth++)
        {
            List<Change> above = [];

            // The tree has grown: the nodes above the old top hold it as their first child.
            if (depth >= tree.Top && depth < Top)
                NodeFor(above, depth + 1, 0);
            foreach (Change change in level)
            {
                ulong version = save(RowIds.Versions(depth, change.Index), change.Versions);
                if (depth == Top)
                    TopVersion = version;
                else
                    NodeFor(above, depth + 1, change.Index >> VersionNode.Bits).Versions[(int)(change.Index & (VersionNode.Size - 1))] = version;
            }
            level = above;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Change change in changes)
            ArrayPool<ulong>.Shared.Return(change.Buffer);
        changes.Clear();
    }

    private Change NodeFor(List<Change> sorted, int depth, ulong index)
    {
        if (sorted.Count > 0 && sorted[^1].Index == index)
            return sorted[^1];
        VersionNode? live = tree.Node(depth, index);
        var change = new Change(depth, index, live, ArrayPool<ulong>.Shared.Rent(VersionNode.Size));
        if (live is not null)
            live.CopyTo(change.Versions);
        else
            change.Versions.Clear();
        if (depth == tree.Top + 1 && index == 0)
            change.Versions[0] = tree.TopVersion;
        sorted.Add(change);
        changes.Add(change);
        return change;
    }
}

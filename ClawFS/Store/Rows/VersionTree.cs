using System.Buffers;
using System.Collections.Concurrent;

namespace ClawFS.Store.Rows;

/// <summary>
/// The freshness tree: which version every row must have. Nodes are loaded when they are first needed and kept (8 bytes a row). Look-ups are safe for several threads
/// beside one commit, and allocate nothing once the node is loaded.
/// </summary>
/// <param name="open">Reads, checks and opens a row of the tree.</param>
internal sealed class VersionTree(VersionTree.Opener open)
{
    private readonly ConcurrentDictionary<ulong, VersionNode> nodes = new();
    private readonly Lock loading = new();

    /// <summary>Opens the row of a node into <paramref name="plaintext"/>; throws <see cref="StoreException"/> if it is not what it must be.</summary>
    internal delegate int Opener(ulong id, ulong version, Span<byte> plaintext);

    /// <summary>Level of the top node.</summary>
    public int Top { get; private set; }

    /// <summary>Version of the top node, 0 = there are no rows.</summary>
    public ulong TopVersion { get; private set; }

    /// <summary>Takes what the root row says.</summary>
    public void Reset(int top, ulong topVersion)
    {
        if (top is < 0 or >= VersionNode.MaxLevels)
            throw StoreException.Damaged($"the root row says a freshness tree of {top} levels");
        lock (loading)
        {
            nodes.Clear();
            Top = top;
            TopVersion = topVersion;
        }
    }

    /// <summary>The version a row must have, 0 = there is no such row.</summary>
    public ulong VersionOf(ulong id) => Node(0, id >> VersionNode.Bits)?[id] ?? 0;

    /// <summary>The version a node must have, 0 = there is none.</summary>
    public ulong VersionOf(int level, ulong index)
    {
        if (level > Top || index >> (VersionNode.Bits * (Top - level)) != 0)
            return 0;
        return level == Top ? TopVersion : Node(level + 1, index >> VersionNode.Bits)?[index] ?? 0;
    }

    /// <summary>A node, null if it has no rows. It stays the same object until <see cref="Reset"/>.</summary>
    /// <exception cref="StoreException">EIO: its row is missing, stale or not authentic.</exception>
    public VersionNode? Node(int level, ulong index)
    {
        ulong id = RowIds.Versions(level, index);
        if (nodes.TryGetValue(id, out VersionNode? node))
            return node;
        lock (loading)
        {
            if (nodes.TryGetValue(id, out node))
                return node;
            ulong version = VersionOf(level, index);
            return version == 0 ? null : nodes[id] = Load(id, version);
        }
    }

    /// <summary>Puts what a commit has made durable in force.</summary>
    public void Publish(TreeUpdate update)
    {
        lock (loading)
        {
            foreach (TreeUpdate.Change change in update.Changes)
            {
                if (change.Live is not null)
                    change.Live.Publish(change.Versions);
                else
                    nodes[RowIds.Versions(change.Level, change.Index)] = new VersionNode(change.Versions);
            }
            Top = update.Top;
            TopVersion = update.TopVersion;
        }
    }

    /// <summary>The ids of all rows from <paramref name="first"/> on, ascending.</summary>
    /// <param name="damaged">Called for a part of the tree that cannot be read and is passed over; null: it is thrown.</param>
    /// <param name="first">The least id.</param>
    public IEnumerable<ulong> Ids(Action<StoreException>? damaged, ulong first = 0) => TopVersion == 0 ? [] : Ids(Top, 0, damaged, first);

    private IEnumerable<ulong> Ids(int level, ulong index, Action<StoreException>? damaged, ulong first)
    {
        VersionNode? node = null;
        try
        {
            node = Node(level, index);
        }
        catch (StoreException e) when (damaged is not null)
        {
            damaged(e);
        }
        for (ulong child = 0; node is not null && child < VersionNode.Size; child++)
        {
            ulong id = index << VersionNode.Bits | child;
            if (node[child] == 0 || id < first >> (VersionNode.Bits * level))
                continue;
            if (level == 0)
            {
                yield return id;
                continue;
            }
            foreach (ulong below in Ids(level - 1, id, damaged, first))
                yield return below;
        }
    }

    private VersionNode Load(ulong id, ulong version)
    {
        byte[] plaintext = ArrayPool<byte>.Shared.Rent(VersionNode.MaxEncoded);
        try
        {
            Span<ulong> versions = stackalloc ulong[VersionNode.Size];
            int length = open(id, version, plaintext.AsSpan(0, VersionNode.MaxEncoded));
            return VersionNode.TryDecode(plaintext.AsSpan(0, length), versions)
                ? new VersionNode(versions)
                : throw StoreException.Damaged($"row {id:x16} is no node of the freshness tree");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plaintext);
        }
    }
}

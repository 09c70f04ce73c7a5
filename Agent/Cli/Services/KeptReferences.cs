using ClawFS.Vfs;

namespace ClawOS.Cli.Services;

/// <summary>Keeps the kernel's reference counts while a store is locked: FORGET goes on coming.</summary>
internal sealed class KeptReferences : NodeTree
{
    private readonly Lock guard = new();
    private readonly Dictionary<ulong, ulong> early = [];
    private Dictionary<ulong, ulong>? references;
    private bool unknown;

    /// <summary>Tells the next store what was forgotten of counts that nobody knows.</summary>
    internal void PassOn(NodeTree tree)
    {
        KeyValuePair<ulong, ulong>[] forgotten;
        lock (guard)
        {
            forgotten = unknown ? [.. early] : [];
        }
        foreach ((ulong node, ulong count) in forgotten)
        {
            tree.Forget(node, count);
        }
    }

    /// <summary>Takes the counts of the closed store, or null where a dead process had them; what was forgotten between the two is taken off.</summary>
    internal void Start(Dictionary<ulong, ulong>? counts)
    {
        lock (guard)
        {
            references = counts;
            unknown = counts is null;
            if (!unknown)
            {
                foreach ((ulong node, ulong count) in early)
                {
                    Drop(node, count);
                }
            }
        }
    }

    /// <summary>Gives the counts to the next store.</summary>
    internal IReadOnlyDictionary<ulong, ulong> Stop()
    {
        lock (guard)
        {
            return references ?? [];
        }
    }

    /// <inheritdoc/>
    public override void Forget(ulong node, ulong count)
    {
        lock (guard)
        {
            if (references is null)
            {
                early[node] = early.GetValueOrDefault(node) + count;
            }
            else
            {
                Drop(node, count);
            }
        }
    }

    private void Drop(ulong node, ulong count)
    {
        if (references!.TryGetValue(node, out ulong have))
        {
            if (have <= count)
            {
                references.Remove(node);
            }
            else
            {
                references[node] = have - count;
            }
        }
    }
}

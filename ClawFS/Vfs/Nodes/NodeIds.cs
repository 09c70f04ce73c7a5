using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace ClawFS.Vfs;

/// <summary>
/// Node ids of generated nodes and the references the kernel holds to them. The gate is a leaf lock: nothing is called under it.
/// </summary>
internal sealed class NodeIds
{
    // Bit 61 parts the first id of a node, which follows from its path, from the further ones, which follow from path and a number; both have
    // bit 62 (Vfs.FirstGeneratedNode). Numbers are the lowest that are free, so that a successor on the same mount finds again what the kernel holds.
    private const ulong FurtherBit = 1UL << 61;
    private const ulong HashMask = FurtherBit - 1;
    private const int NumberBits = 27;
    private const ulong NumberMask = (1UL << NumberBits) - 1;
    // So many free numbers in a row end the search for those in use: as many must have been given back below one that is held.
    private const int SearchGap = 256;

    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<ulong, NodeAlias> byId = new();
    private ulong touches;

    /// <summary>The alias behind a node id, or null.</summary>
    public NodeAlias? Find(ulong id) => byId.GetValueOrDefault(id);

    /// <summary>Gives a node its inode number and first node id.</summary>
    public void Register(GeneratedNode node, ReadOnlySpan<byte> path)
    {
        lock (gate)
        {
            ulong id = path.IsEmpty ? Vfs.RootNode : IdOf(path);
            node.FurtherIds = Vfs.FirstGeneratedNode | FurtherBit | (id & HashMask & ~NumberMask);
            NodeAlias alias = new(id, node);
            if (!byId.TryAdd(alias.Id, alias))
            {
                alias = AddFurther(node);
            }
            node.Ino = alias.Id;
            node.IsRetired = false;
            node.Aliases.Add(alias);
        }
    }

    /// <summary>Drops a node; requests on it that still come find nothing.</summary>
    public void Unregister(GeneratedNode node)
    {
        lock (gate)
        {
            Retire(node);
        }
    }

    /// <summary>Lets a node that has lost its name go as soon as the kernel has forgotten it.</summary>
    public void Orphan(GeneratedNode node)
    {
        lock (gate)
        {
            node.IsDynamic = true;
            if (!node.Aliases.Exists(static alias => alias.Lookups != 0))
            {
                Retire(node);
            }
        }
    }

    /// <summary>Counts one reference to the alias that shows <paramref name="shape"/>; null if the node was dropped meanwhile.</summary>
    public NodeAlias? Reference(GeneratedNode node, in NodeShape shape)
    {
        lock (gate)
        {
            if (node.IsRetired)
            {
                return null;
            }
            NodeAlias alias = node.Aliases[^1];
            // A slower lookup may bring an older shape: it gets the newer one, so that versions only go up.
            if (alias.IsSpoiled || alias.Shape.Version < shape.Version || (alias.Lookups == 0 && alias.Shape.Version == shape.Version))
            {
                if (alias.Lookups != 0)
                {
                    alias = AddFurther(node);
                    node.Aliases.Add(alias);
                }
                alias.Shape = shape;
                alias.IsSpoiled = false;
                alias.IsInherited = false;
                // It shows the newest content: a worker that is on its way comes for those that do not.
                alias.Touched = touches;
            }
            alias.Lookups++;
            return alias;
        }
    }

    /// <summary>Counts one reference to the alias that the notify worker has left alone for longest.</summary>
    public NodeAlias? ReferenceStalest(GeneratedNode node, in NodeShape shape)
    {
        lock (gate)
        {
            NodeAlias? stalest = null;
            foreach (NodeAlias alias in node.Aliases)
            {
                if (alias.Lookups != 0 && (stalest is null || alias.Touched < stalest.Touched))
                {
                    stalest = alias;
                }
            }
            if (stalest is not null)
            {
                stalest.Lookups++;
                return stalest;
            }
        }
        return Reference(node, shape);
    }

    /// <summary>Notes that the kernel's idea of an alias is no longer ours.</summary>
    public void Spoil(NodeAlias alias)
    {
        lock (gate)
        {
            alias.IsSpoiled = true;
        }
    }

    /// <summary>Notes a touch, and the shape the kernel is told in its answer.</summary>
    public void Touch(NodeAlias alias, in NodeShape shape)
    {
        lock (gate)
        {
            alias.Touched = ++touches;
            alias.Shape = shape;
        }
    }

    /// <summary>The size that this fs has told the kernel of an alias; null for one of an earlier fs that it has told nothing of yet.</summary>
    public ulong? SizeTold(NodeAlias alias)
    {
        lock (gate)
        {
            return alias.IsInherited && alias.Touched == 0 ? null : alias.Shape.Size;
        }
    }

    /// <summary>All nodes that can be reached.</summary>
    public IReadOnlyList<GeneratedNode> Nodes()
    {
        lock (gate)
        {
            return [.. byId.Values.Where(static alias => alias.Id == alias.Node.Ino).Select(static alias => alias.Node)];
        }
    }

    /// <summary>
    /// Takes over what a dead process gave out for a node and the kernel still holds. How often it was referenced nobody knows, so the kernel is asked
    /// again when it forgets. No new reader gets such an id: the kernel's idea of its size is that of then.
    /// </summary>
    public void Inherit(GeneratedNode node, in NodeShape shape, Func<ulong, bool> holds)
    {
        // Asked without the gate: nothing is served yet.
        List<ulong> held = [];
        for (ulong number = 1, gap = 0; gap < SearchGap; number++, gap++)
        {
            if (holds(node.FurtherIds | number))
            {
                held.Add(node.FurtherIds | number);
                gap = 0;
            }
        }
        bool isFirstHeld = holds(node.Ino);
        lock (gate)
        {
            foreach (ulong id in held)
            {
                NodeAlias alias = new(id, node) { Shape = shape, Lookups = 1, IsSpoiled = true, IsInherited = true };
                if (byId.TryAdd(id, alias))
                {
                    node.Aliases.Add(alias);
                }
            }
            if (isFirstHeld)
            {
                NodeAlias first = new(node.Ino, node) { Shape = shape, Lookups = 1, IsSpoiled = true, IsInherited = true };
                byId[node.Ino] = first;
                node.Aliases[0] = first;
            }
        }
    }

    /// <summary>How many aliases of a node the kernel holds.</summary>
    public int CountLive(GeneratedNode node)
    {
        lock (gate)
        {
            int live = 0;
            foreach (NodeAlias alias in node.Aliases)
            {
                live += alias.Lookups != 0 ? 1 : 0;
            }
            return live;
        }
    }

    /// <summary>Takes references away; a dynamic node that lost its last one is retired and returned.</summary>
    /// <param name="id">The node id.</param>
    /// <param name="count">How many references.</param>
    /// <param name="kernel">Says whether the kernel has an inode of this number: asked where nobody knows how many references there were.</param>
    public GeneratedNode? Forget(ulong id, ulong count, KernelCache kernel)
    {
        // An earlier fs gave references out that nobody has counted, and one FORGET may be for some of them: for a single lookup that the kernel had no use
        // for. Asked without the gate; who is answered wrongly because the last one goes just now hears the FORGET of that one too.
        bool isStillHeld = byId.TryGetValue(id, out NodeAlias? inherited) && inherited.IsInherited && inherited.Lookups <= count && kernel.Holds(id);
        lock (gate)
        {
            if (!byId.TryGetValue(id, out NodeAlias? alias))
            {
                return null;
            }
            alias.Lookups -= Math.Min(count, alias.Lookups);
            if (alias.Lookups == 0 && isStillHeld && alias.IsInherited)
            {
                alias.Lookups = 1;
            }
            GeneratedNode node = alias.Node;
            if (alias.Lookups != 0)
            {
                return null;
            }
            if (alias.Id != node.Ino && alias != node.Aliases[^1])
            {
                node.Aliases.Remove(alias);
                byId.TryRemove(id, out _);
                node.LowestFree = Math.Min(node.LowestFree, id & NumberMask);
            }
            if (!node.IsDynamic || node.Aliases.Exists(static other => other.Lookups != 0))
            {
                return null;
            }
            Retire(node);
            return node;
        }
    }

    /// <summary>The inode number that a path gives.</summary>
    public static ulong IdOf(ReadOnlySpan<byte> path)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(path, hash);
        return Vfs.FirstGeneratedNode | (BitConverter.ToUInt64(hash) & HashMask);
    }

    private void Retire(GeneratedNode node)
    {
        foreach (NodeAlias alias in node.Aliases)
        {
            byId.TryRemove(alias.Id, out _);
        }
        node.Aliases.Clear();
        node.IsRetired = true;
    }

    /// <summary>Makes an alias with the lowest number that is free. Under the gate.</summary>
    private NodeAlias AddFurther(GeneratedNode node)
    {
        NodeAlias alias = new(node.FurtherIds | node.LowestFree, node);
        while (!byId.TryAdd(alias.Id, alias))
        {
            alias = new(node.FurtherIds | (++node.LowestFree & NumberMask), node);
        }
        node.LowestFree++;
        return alias;
    }
}

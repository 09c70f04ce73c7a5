using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Objects;

/// <summary>
/// The inodes in memory and the kernel's reference counts. An inode exists at most once here; it may be dropped when nobody uses it, it is
/// clean, and the checkpoint that saved it has committed. Reference counts are kept apart from the inodes, so that a
/// million names known to the kernel cost a number each and not an inode.
/// </summary>
internal sealed class ObjectCache
{
    private const int ShardCount = 64;

    private readonly Shard[] shards = new Shard[ShardCount];
    private readonly Func<ulong, Inode?> load;
    private readonly InodeReadAhead ahead;
    private readonly Func<long> committedGeneration;
    private ulong inheritedBelow;

    /// <param name="capacity">Inodes kept before clean ones are dropped.</param>
    /// <param name="load">Reads an inode from its row; null if there is none.</param>
    /// <param name="loadGroup">Reads those of a group of neighbours that can be read.</param>
    /// <param name="committedGeneration">The last checkpoint generation that is in the table.</param>
    public ObjectCache(int capacity, Func<ulong, Inode?> load, InodeReadAhead.GroupLoader loadGroup, Func<long> committedGeneration)
    {
        this.load = load;
        ahead = new InodeReadAhead(loadGroup);
        this.committedGeneration = committedGeneration;
        for (int i = 0; i < ShardCount; i++)
        {
            shards[i] = new Shard(Math.Max(16, capacity / ShardCount));
        }
    }

    /// <summary>Inodes in memory now.</summary>
    public int Count => shards.Sum(s => s.Inodes.Count);

    /// <summary>Nodes the kernel holds references to.</summary>
    public int Known => shards.Sum(s => s.Lookups.Count);

    /// <summary>Pins so far, roughly: what has changed since the last look is work that somebody waits for.</summary>
    public long Activity => shards.Sum(static s => s.Uses);

    /// <summary>Pins an inode, reading it if needed. ENOENT if it does not exist.</summary>
    public InodeLease Pin(ulong id)
    {
        Shard shard = ShardOf(id);
        lock (shard)
        {
            shard.ThrowIfClosed();
            shard.Uses++;
            if (shard.Inodes.TryGetValue(id, out Inode? inode))
            {
                inode.Pins++;
                inode.Referenced = true;
                return new(this, inode);
            }
        }
        // One loader a shard: a second thread must not read an old row, be overtaken by load, change, commit and drop, and then publish the old row.
        lock (shard.Loading)
        {
            lock (shard)
            {
                shard.ThrowIfClosed();
                if (shard.Inodes.TryGetValue(id, out Inode? inode))
                {
                    inode.Pins++;
                    return new(this, inode);
                }
            }
            if (ahead.Expects(id))
            {
                LoadGroup(id);
                lock (shard)
                {
                    if (shard.Inodes.TryGetValue(id, out Inode? inode))
                    {
                        inode.Pins++;
                        inode.Referenced = true;
                        return new(this, inode);
                    }
                }
            }
            Inode loaded = load(id) ?? throw new StoreException(Errno.ENOENT, $"inode {id} does not exist");
            return Add(loaded);
        }
    }

    /// <summary>Pins an inode that is in memory; for repair, which can write it again when its row is damaged.</summary>
    public bool TryPinLoaded(ulong id, out InodeLease lease)
    {
        Shard shard = ShardOf(id);
        lock (shard)
        {
            bool loaded = shard.Inodes.TryGetValue(id, out Inode? inode);
            if (loaded)
            {
                inode!.Pins++;
            }
            lease = loaded ? new(this, inode!) : default;
            return loaded;
        }
    }

    /// <summary>Publishes an inode that is not in memory and pins it. EIO if it is there: two records, or a record and a row, make the same inode.</summary>
    public InodeLease Add(Inode inode)
    {
        Shard shard = ShardOf(inode.Id);
        lock (shard)
        {
            shard.ThrowIfClosed();
            if (!shard.Inodes.TryAdd(inode.Id, inode))
            {
                throw StoreException.Damaged($"inode {inode.Id} was made twice");
            }
            inode.Pins++;
            inode.Referenced = true;
            shard.Clock.Add(inode);
            if (shard.Clock.Count > shard.Capacity)
            {
                Evict(shard);
            }
        }
        return new(this, inode);
    }

    public void Unpin(Inode inode)
    {
        lock (ShardOf(inode.Id))
        {
            inode.Pins--;
        }
    }

    /// <summary>Forgets an inode whose rows are gone.</summary>
    public void Drop(ulong id)
    {
        Shard shard = ShardOf(id);
        lock (shard)
        {
            if (shard.Inodes.Remove(id, out Inode? inode))
            {
                shard.Clock.Remove(inode);
            }
        }
    }

    /// <summary>The kernel took a reference.</summary>
    public void CountLookup(ulong id)
    {
        Shard shard = ShardOf(id);
        lock (shard)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(shard.Lookups, id, out _)++;
        }
    }

    /// <summary>The kernel gave references back; returns how many are left.</summary>
    public ulong Forget(ulong id, ulong count)
    {
        Shard shard = ShardOf(id);
        lock (shard)
        {
            if (!shard.Lookups.TryGetValue(id, out ulong have))
            {
                return 0;
            }
            if (count >= have)
            {
                shard.Lookups.Remove(id);
                return 0;
            }
            shard.Lookups[id] = have - count;
            return have - count;
        }
    }

    /// <summary>
    /// Nodes below <paramref name="next"/> were given out, and perhaps opened, by a process that has died on this mount: nobody knows how often. Before anything
    /// else uses the cache.
    /// </summary>
    public void Inherit(ulong next) => inheritedBelow = next;

    /// <summary>The kernel has given back all references of a node (FORGET does so at once), those included that were not counted here.</summary>
    public void Disinherit(ulong id)
    {
        if (id < inheritedBelow)
        {
            Shard shard = ShardOf(id);
            lock (shard)
            {
                shard.Disinherited.Add(id);
            }
        }
    }

    /// <summary>Whether references and openings of a node may exist that were not counted here.</summary>
    public bool IsInherited(ulong id)
    {
        if (id >= inheritedBelow)
        {
            return false;
        }
        Shard shard = ShardOf(id);
        lock (shard)
        {
            return !shard.Disinherited.Contains(id);
        }
    }

    /// <summary>Whether the kernel holds a reference, or may hold one that was not counted here.</summary>
    public bool IsKnown(ulong id)
    {
        Shard shard = ShardOf(id);
        lock (shard)
        {
            return shard.Lookups.ContainsKey(id) || IsInherited(id);
        }
    }

    /// <summary>The kernel's references, for a store that takes over from this one under a live mount.</summary>
    public Dictionary<ulong, ulong> References()
    {
        var all = new Dictionary<ulong, ulong>();
        foreach (Shard shard in shards)
        {
            lock (shard)
            {
                foreach ((ulong id, ulong count) in shard.Lookups)
                {
                    all.Add(id, count);
                }
            }
        }
        return all;
    }

    /// <summary>Takes over references; before anything else uses the cache.</summary>
    public void Adopt(IReadOnlyDictionary<ulong, ulong> references)
    {
        foreach ((ulong id, ulong count) in references)
        {
            ShardOf(id).Lookups[id] = count;
        }
    }

    /// <summary>Refuses new pins with ENOKEY and waits until the operations under way have given theirs back.</summary>
    public void Close()
    {
        foreach (Shard shard in shards)
        {
            lock (shard)
            {
                shard.Closed = true;
            }
        }
        foreach (Shard shard in shards)
        {
            // An operation lasts micro- to milliseconds, and this happens once in the life of a store: no signal is worth its cost on every unpin.
            SpinWait.SpinUntil(() =>
            {
                lock (shard)
                {
                    return shard.Clock.TrueForAll(static inode => inode.Pins == 0);
                }
            });
        }
    }

    private Shard ShardOf(ulong id) => shards[(int)(id % ShardCount)];

    /// <summary>
    /// Brings an inode and its neighbours in. All of their shards' loading locks that are free are held from before their rows are read, as for a single one; nothing here waits for
    /// a lock while it holds one.
    /// </summary>
    private void LoadGroup(ulong id)
    {
        ulong first = id / RowGroup.Size * RowGroup.Size;
        uint held = 0;
        uint wanted = 0;
        List<Inode> loaded = InodeReadAhead.Buffer;
        try
        {
            for (int i = 0; i < RowGroup.Size; i++)
            {
                Shard shard = ShardOf(first + (uint)i);
                if (!shard.Loading.TryEnter())
                {
                    continue;
                }
                held |= 1u << i;
                lock (shard)
                {
                    wanted |= shard.Inodes.ContainsKey(first + (uint)i) ? 0 : 1u << i;
                }
            }
            ahead.Load(first, wanted, loaded);
            foreach (Inode inode in loaded)
            {
                // Not pinned, and the first to go if nobody asks for it.
                Add(inode).Dispose();
                inode.Referenced = false;
            }
        }
        finally
        {
            loaded.Clear();
            for (int i = 0; i < RowGroup.Size; i++)
            {
                if ((held >> i & 1) != 0)
                {
                    ShardOf(first + (uint)i).Loading.Exit();
                }
            }
        }
    }

    private void Evict(Shard shard)
    {
        long committed = committedGeneration();
        for (int tries = 0; tries < 32 && shard.Clock.Count > shard.Capacity; tries++)
        {
            shard.Hand = shard.Hand >= shard.Clock.Count - 1 ? 0 : shard.Hand + 1;
            Inode inode = shard.Clock[shard.Hand];
            if (inode.Pins != 0 || inode.Writers != 0 || Volatile.Read(ref inode.DirtyGeneration) != 0 || Volatile.Read(ref inode.SavedGeneration) > committed)
            {
                continue;
            }
            if (inode.Referenced)
            {
                inode.Referenced = false;
                continue;
            }
            shard.Inodes.Remove(inode.Id);
            shard.Clock[shard.Hand] = shard.Clock[^1];
            shard.Clock.RemoveAt(shard.Clock.Count - 1);
        }
    }

    private sealed class Shard(int capacity)
    {
        public readonly int Capacity = capacity;
        public readonly Lock Loading = new();
        public readonly Dictionary<ulong, Inode> Inodes = [];
        public readonly Dictionary<ulong, ulong> Lookups = [];
        public readonly HashSet<ulong> Disinherited = [];
        public readonly List<Inode> Clock = [];
        public int Hand;
        public long Uses;
        public bool Closed;

        public void ThrowIfClosed()
        {
            if (Closed)
            {
                throw new StoreException(Errno.ENOKEY, "the store is locked");
            }
        }
    }
}

/// <summary>A pinned inode; disposing unpins it. The inode's fields still need its lock.</summary>
internal readonly ref struct InodeLease(ObjectCache cache, Inode inode)
{
    public Inode Inode { get; } = inode;

    public void Dispose()
    {
        if (Inode is not null)
        {
            cache.Unpin(Inode);
        }
    }
}

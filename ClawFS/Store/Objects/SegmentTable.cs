using ClawFS.Linux;
using ClawFS.Store.Commit;
using ClawFS.Store.Maps;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Objects;

/// <summary>All segment records, in memory for as long as the store is open: one per 64 MiB of data, pages loaded only for the cleaner.</summary>
internal sealed class SegmentTable(DirtyList dirty, SegmentFiles files, StoredSet ids, IPageSource source)
{
    /// <summary>The promise of docs/storage-format.md: times what lives that may be stored.</summary>
    private const double MostStored = 1.3;

    private readonly Lock guard = new();
    private readonly Dictionary<ulong, SegmentRecord> records = [];
    private List<DeadRange> dead = [];
    private long deadBytes;
    private long liveBytes;
    private long writtenBytes;
    private long leavingBytes;

    /// <summary>Sealed bytes that files name.</summary>
    public long LiveBytes => Interlocked.Read(ref liveBytes);

    /// <summary>What cleaning and commits are to take away: bytes written to segments, those of files that go with the next commit included, above 1.3 times what lives; at least 0.</summary>
    public long Excess => Math.Max(0, Interlocked.Read(ref writtenBytes) + Interlocked.Read(ref leavingBytes) - (long)(MostStored * LiveBytes));

    /// <summary>Number of segments.</summary>
    public int Count
    {
        get
        {
            lock (guard)
            {
                return records.Count;
            }
        }
    }

    /// <summary>Takes a record read from its row at open.</summary>
    public void Adopt(SegmentRecord record)
    {
        records.Add(record.Id, record);
        liveBytes += record.Live;
        writtenBytes += record.Written;
    }

    /// <summary><see cref="Excess"/> of the segments in which something lives and which do not grow any more.</summary>
    public long ExcessAmongLiving(ulong active)
    {
        long written = 0, live = 0;
        foreach (SegmentRecord record in Snapshot())
        {
            if (record.Id != active && Interlocked.Read(ref record.Live) is > 0 and var alive)
            {
                live += alive;
                written += Interlocked.Read(ref record.Written);
            }
        }
        return Math.Max(0, written - (long)(MostStored * live));
    }

    /// <summary>Counts blocks that a file names now; a segment seen for the first time gets its record. Precondition: the gate is passed.</summary>
    public void Born(ulong inode, in Extent extent)
    {
        SegmentRecord record = GetOrAdd(extent.Segment);
        lock (record)
        {
            dirty.Touch(record);
            record.Written += extent.SealedBytes;
            record.Live += extent.SealedBytes;
            record.AddRun(extent.Offset, inode, extent.Block, extent.Count);
        }
        Interlocked.Add(ref liveBytes, extent.SealedBytes);
        Interlocked.Add(ref writtenBytes, extent.SealedBytes);
    }

    /// <summary>Counts blocks that were written and that no file ever named: the cleaner's copies that came too late. Precondition: the gate is passed.</summary>
    public void Wasted(in Extent extent)
    {
        SegmentRecord record = GetOrAdd(extent.Segment);
        lock (record)
        {
            dirty.Touch(record);
            record.Written += extent.SealedBytes;
        }
        Interlocked.Add(ref writtenBytes, extent.SealedBytes);
        NoteDead(extent);
    }

    /// <summary>Counts blocks that no file names any more. Precondition: the gate is passed.</summary>
    public void Died(in Extent extent)
    {
        SegmentRecord record = GetOrAdd(extent.Segment);
        lock (record)
        {
            dirty.Touch(record);
            record.Live -= extent.SealedBytes;
        }
        Interlocked.Add(ref liveBytes, -extent.SealedBytes);
        NoteDead(extent);
    }

    /// <summary>Bytes that died since the last <see cref="TakeDead"/>: the disk has them until the next commit.</summary>
    public long DeadBytes => Interlocked.Read(ref deadBytes);

    /// <summary>
    /// Takes what died since the last call. After the commit that no longer names it, its disk space can be given back.
    /// Precondition: the gate is held alone.
    /// </summary>
    public List<DeadRange> TakeDead()
    {
        lock (guard)
        {
            List<DeadRange> taken = dead;
            dead = [];
            Interlocked.Exchange(ref deadBytes, 0);
            return taken;
        }
    }

    /// <summary>Whether the store has a record of a segment.</summary>
    public bool Knows(ulong id)
    {
        lock (guard)
        {
            return records.ContainsKey(id);
        }
    }

    /// <summary>
    /// Repair: writes the record of a segment again, made anew if it is missing, with what the files name in it. Precondition: the gate is held alone.
    /// </summary>
    public void Rebuild(ulong id, long live, IEnumerable<(ulong Inode, Extent Extent)>? runs)
    {
        SegmentRecord record = GetOrAdd(id);
        lock (ids)
        {
            dirty.Touch(ids);
            ids.Add(id);
        }
        lock (record)
        {
            dirty.Touch(record);
            Interlocked.Add(ref liveBytes, live - record.Live);
            record.Live = live;
            if (runs is null)
            {
                return;
            }
            record.Map.Clear();
            foreach ((ulong inode, Extent extent) in runs)
            {
                record.AddRun(extent.Offset, inode, extent.Block, extent.Count);
            }
        }
    }

    /// <summary>A copy of the records.</summary>
    public List<SegmentRecord> Snapshot()
    {
        lock (guard)
        {
            return [.. records.Values];
        }
    }

    /// <summary>
    /// Marks segments in which nothing lives so that the checkpoint deletes their rows, and returns them; their files are deleted after
    /// the commit. Precondition: the gate is held alone, so that no write is between its reservation and its extent.
    /// </summary>
    public List<ulong> Purge(ulong active)
    {
        var gone = new List<ulong>();
        lock (guard)
        {
            foreach (SegmentRecord record in records.Values)
            {
                if (record.Live == 0 && record.Id != active)
                {
                    lock (record)
                    {
                        dirty.Touch(record);
                        record.Purged = true;
                    }
                    gone.Add(record.Id);
                    Interlocked.Add(ref leavingBytes, record.Written);
                    Interlocked.Add(ref writtenBytes, -record.Written);
                }
            }
            foreach (ulong id in gone)
            {
                records.Remove(id);
                lock (ids)
                {
                    dirty.Touch(ids);
                    ids.Remove(id);
                }
            }
        }
        return gone;
    }

    /// <summary>The files of all segments that <see cref="Purge"/> has returned are gone.</summary>
    public void Left() => Interlocked.Exchange(ref leavingBytes, 0);

    private void NoteDead(in Extent extent)
    {
        lock (guard)
        {
            DeadRange.Add(dead, extent);
        }
        Interlocked.Add(ref deadBytes, extent.SealedBytes);
    }

    /// <summary>0 where the file is missing or damaged: only replay meets that, and then what lies in it is EIO and not the whole store.</summary>
    private ulong ReadSalt(ulong id)
    {
        try
        {
            SegmentFile file = files.Get(id);
            ulong salt = file.Salt;
            file.Release();
            return salt;
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            return 0;
        }
    }

    /// <summary>The salt of a segment that the store may not know yet; null where it does not.</summary>
    public ulong? SaltIfKnown(ulong id)
    {
        lock (guard)
        {
            return records.TryGetValue(id, out SegmentRecord? record) && record.Salt != 0 ? record.Salt : null;
        }
    }

    private SegmentRecord GetOrAdd(ulong id)
    {
        lock (guard)
        {
            if (!records.TryGetValue(id, out SegmentRecord? record))
            {
                record = new SegmentRecord(id, source) { Salt = ReadSalt(id) };
                records.Add(id, record);
                lock (ids)
                {
                    dirty.Touch(ids);
                    ids.Add(id);
                }
            }
            return record;
        }
    }

    /// <summary>The salt a segment file must carry; null if it could not be read when the segment was first named. EIO if the store does not know the segment.</summary>
    public ulong? SaltOf(ulong id)
    {
        lock (guard)
        {
            return records.TryGetValue(id, out SegmentRecord? record)
                ? record.Salt == 0 ? null : record.Salt
                : throw new StoreException(Errno.EIO, $"segment {id:x} is not in the table");
        }
    }
}

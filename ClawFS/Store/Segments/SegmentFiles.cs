using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using ClawFS.Linux;

namespace ClawFS.Store.Segments;

/// <summary>The folder seg/: makes, opens and deletes segments and keeps a bounded number of them open. Safe for use by several threads.</summary>
internal sealed class SegmentFiles : IDisposable
{
    /// <summary>Most bytes of a segment file, header included.</summary>
    public const int MaxSize = 64 << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<ulong, SegmentFile> open = [];
    private readonly Folder folder;
    private readonly Guid store;
    private readonly int capacity;
    private readonly bool readOnly;
    private long clock;
    private long deletions;

    /// <summary>Takes the folder and disposes it at the end.</summary>
    /// <param name="folder">seg/ of the store.</param>
    /// <param name="store">Id of the store.</param>
    /// <param name="readOnly">Opens for reading only.</param>
    /// <param name="capacity">Most descriptors kept open, besides those that are in use.</param>
    public SegmentFiles(Folder folder, Guid store, bool readOnly = false, int capacity = 256)
    {
        this.folder = folder;
        this.store = store;
        this.readOnly = readOnly;
        this.capacity = capacity;
    }

    /// <summary>Id of the store.</summary>
    public Guid Store => store;

    /// <summary>Makes a segment with a fresh random salt and hands out a reference.</summary>
    /// <exception cref="StoreException">EEXIST, ENOSPC, EROFS ...</exception>
    public SegmentFile Create(ulong id)
    {
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        ulong salt = BinaryPrimitives.ReadUInt64LittleEndian(random);
        SegmentHeader.Write(header, store, id, salt);
        StorageFile? file = null;
        try
        {
            file = folder.Open(NameOf(id), StorageMode.CreateNew);
            file.Write(header, 0);
        }
        catch (LinuxException e)
        {
            if (file is not null)
            {
                file.Dispose();
                folder.Delete(NameOf(id));
            }
            throw StoreException.From(e);
        }
        lock (gate)
            return Keep(new SegmentFile(file, id, salt), deletions);
    }

    /// <summary>Opens a segment, or takes it from the cache, and hands out a reference.</summary>
    /// <param name="id">Number of the segment.</param>
    /// <param name="salt">What the segment's row says its salt is; another one is a segment of another generation of this store.</param>
    /// <exception cref="StoreException">EIO: missing, not this segment, another generation.</exception>
    public SegmentFile Get(ulong id, ulong? salt = null)
    {
        SegmentFile? segment;
        long before;
        lock (gate)
        {
            before = deletions;
            if (open.TryGetValue(id, out segment))
            {
                segment.AddReference();
                segment.LastUse = ++clock;
            }
        }
        segment ??= Keep(OpenFile(id), before);
        if (salt is null || salt == segment.Salt)
            return segment;
        segment.Release();
        throw StoreException.Damaged($"segment {id:x16} is of another generation of this store");
    }

    /// <summary>Removes a segment; readers that hold it go on. False if there is none. Durable after <see cref="SyncFolder"/>.</summary>
    public bool Delete(ulong id)
    {
        bool existed;
        try
        {
            existed = folder.Delete(NameOf(id));
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
        SegmentFile? segment;
        lock (gate)
        {
            deletions++;
            open.Remove(id, out segment);
        }
        segment?.Release();
        return existed;
    }

    /// <summary>The ids of all segment files, in no order. Other names in the folder are passed over.</summary>
    public IEnumerable<ulong> List()
    {
        string[] names;
        try
        {
            names = folder.List();
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
        foreach (string name in names)
        {
            if (name.Length == 16 && ulong.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong id) && name == NameOf(id))
                yield return id;
        }
    }

    /// <summary>Makes created and deleted names durable.</summary>
    public void SyncFolder()
    {
        try
        {
            folder.Sync();
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }

    /// <summary>Makes segments durable, names included, whoever has written them. One that is missing or damaged is passed over: reading it tells.</summary>
    /// <exception cref="StoreException">The disk refused.</exception>
    public void Sync(IReadOnlySet<ulong> ids)
    {
        if (ids.Count == 0)
            return;
        string[] names = [.. ids.Select(NameOf)];
        try
        {
            foreach (string name in names.Where(folder.Exists))
            {
                using StorageFile file = folder.Open(name, StorageMode.ReadWrite);
                file.SyncData();
            }
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
        SyncFolder();
    }

    /// <summary>Closes what is not in use.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (SegmentFile segment in open.Values)
                segment.Release();
            open.Clear();
        }
        folder.Dispose();
    }

    private static string NameOf(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private SegmentFile OpenFile(ulong id)
    {
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        StorageFile? file = null;
        try
        {
            file = folder.Open(NameOf(id), readOnly ? StorageMode.Read : StorageMode.ReadWrite);
            int length = file.Read(header, 0);
            var segment = new SegmentFile(file, id, SegmentHeader.Read(header[..length], store, id));
            file = null;
            return segment;
        }
        catch (LinuxException e) when (e.Error == Errno.ENOENT)
        {
            throw StoreException.Damaged($"segment {id:x16} is missing");
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Puts a segment that nobody else knows into the cache; another thread may have been faster, then its one is used.</summary>
    /// <param name="segment">Just opened.</param>
    /// <param name="before">Deletions when it was opened: if there were more since, the name may be gone, and it is not kept.</param>
    private SegmentFile Keep(SegmentFile segment, long before)
    {
        lock (gate)
        {
            if (before != deletions)
                return segment;
            if (open.TryGetValue(segment.Id, out SegmentFile? winner))
            {
                segment.Release();
                segment = winner;
            }
            else
            {
                Evict();
                open.Add(segment.Id, segment);
            }
            segment.LastUse = ++clock;
            segment.AddReference();
            return segment;
        }
    }

    /// <summary>Drops the least recently used segment when the cache is full: a scan, paid for once an open(2).</summary>
    private void Evict()
    {
        if (open.Count < capacity)
            return;
        SegmentFile oldest = open.Values.MinBy(static s => s.LastUse)!;
        open.Remove(oldest.Id);
        oldest.Release();
    }
}

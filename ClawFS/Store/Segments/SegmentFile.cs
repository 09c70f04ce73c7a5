using ClawFS.Linux;

namespace ClawFS.Store.Segments;

/// <summary>
/// One open segment. Counted: <see cref="SegmentFiles.Get"/> and <see cref="SegmentWriter.Reserve"/> hand out a reference that the caller gives back
/// with <see cref="Release"/>, so that a reader keeps its descriptor while the segment is deleted or falls out of the cache.
/// </summary>
internal sealed class SegmentFile
{
    /// <summary>Bytes of a segment that one bit of <see cref="tagsRead"/> stands for: two tag pages of runs on pages are seldom closer.</summary>
    private const int TagRegion = 128 << 10;

    private const int LargestRandom = 64 << 10;

    private readonly StorageFile file;
    private readonly ulong[] tagsRead = new ulong[SegmentFiles.MaxSize / TagRegion / 64];
    private int references = 1;

    internal SegmentFile(StorageFile file, ulong id, ulong salt)
    {
        this.file = file;
        Id = id;
        Salt = salt;
    }

    /// <summary>Number of the segment; its file is seg/ and 16 hex digits.</summary>
    public ulong Id { get; }

    /// <summary>Random, made with the segment: half of every nonce in it. Tells two generations of one id apart.</summary>
    public ulong Salt { get; }

    /// <summary>Bytes in the file, header included.</summary>
    public long Length
    {
        get
        {
            try
            {
                return file.Length;
            }
            catch (LinuxException e)
            {
                throw StoreException.From(e);
            }
        }
    }

    /// <summary>Position in the writer's list of segments to sync, kept by <see cref="SegmentWriter"/> under its lock.</summary>
    internal bool Dirty { get; set; }

    /// <summary>When the cache used it last, kept by <see cref="SegmentFiles"/> under its lock.</summary>
    internal long LastUse { get; set; }

    /// <summary>Fills <paramref name="sealedBytes"/> from <paramref name="offset"/>.</summary>
    /// <exception cref="StoreException">EIO: the segment ends before.</exception>
    public void Read(Span<byte> sealedBytes, uint offset)
    {
        int count;
        try
        {
            count = file.Read(sealedBytes, offset);
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
        if (count != sealedBytes.Length)
            throw StoreException.Damaged($"segment {Id:x16} ends at {offset + (long)count}, before {offset + (long)sealedBytes.Length}");
    }

    /// <summary>
    /// Reads blocks and their tags from two places. One page of tags serves 1 MiB of a file, so it is in the page cache but for the first time, when the disk
    /// reads it beside the blocks and not after them. Of many blocks the kernel reads ahead by itself.
    /// </summary>
    /// <exception cref="StoreException">EIO: the segment ends before.</exception>
    public void Read(Span<byte> blocks, uint offset, Span<byte> tags, uint tagsOffset)
    {
        if (blocks.Length <= LargestRandom && IsFirst(tagsOffset))
            file.AdviseWillNeed(tagsOffset, tags.Length);
        Read(blocks, offset);
        Read(tags, tagsOffset);
    }

    /// <summary>Gives the disk space of dead blocks back. The range must never be read or written again.</summary>
    /// <returns>False where the file system cannot.</returns>
    public bool PunchHole(uint offset, int length)
    {
        try
        {
            file.PunchHole(offset, length);
            return true;
        }
        catch (LinuxException e) when (e.Error == Errno.EOPNOTSUPP)
        {
            return false;
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }

    /// <summary>Gives the reference back. The last one closes the file.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref references) == 0)
            file.Dispose();
    }

    /// <summary>Whether no tags were read yet from where these are. A hint: two threads may both be first, and the page cache may have lost what it had.</summary>
    private bool IsFirst(uint tagsOffset)
    {
        ref ulong word = ref tagsRead[tagsOffset / TagRegion / 64 % (uint)tagsRead.Length];
        ulong bit = 1UL << (int)(tagsOffset / TagRegion % 64);
        return (Volatile.Read(ref word) & bit) == 0 && (Interlocked.Or(ref word, bit) & bit) == 0;
    }

    internal void AddReference() => Interlocked.Increment(ref references);

    internal void Write(ReadOnlySpan<byte> sealedBytes, uint offset)
    {
        try
        {
            file.Write(sealedBytes, offset);
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }

    internal void Allocate(long offset, long length) => file.Allocate(offset, length);

    internal void SyncData()
    {
        try
        {
            file.SyncData();
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }

    /// <summary>Gives back the space that was allocated behind <paramref name="end"/>, which no write passes.</summary>
    internal void Trim(long end) => file.Truncate(end);
}

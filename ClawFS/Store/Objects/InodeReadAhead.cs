using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Objects;

/// <summary>
/// What was made together has neighbouring ids, and is looked at together: the second inode missed in a region of 256 ids brings in the 32 around it, for little more than
/// one alone costs. Safe for several threads; a lost update of the table costs one read.
/// </summary>
internal sealed class InodeReadAhead(InodeReadAhead.GroupLoader load)
{
    private const int RegionBits = 8;

    /// <summary>Walks that may be under way at once without forgetting each other.</summary>
    private const int Regions = 64;

    [ThreadStatic]
    private static List<Inode>? buffer;

    private readonly ulong[] missed = new ulong[Regions];

    /// <summary>Reads the inodes of a group that are wanted (bit i: the i-th) and can be read.</summary>
    internal delegate void GroupLoader(ulong first, uint wanted, List<Inode> into);

    /// <summary>An empty list of this thread.</summary>
    public static List<Inode> Buffer => buffer ??= new(RowGroup.Size);

    /// <summary>Notes a miss; whether the neighbours are likely to be asked for, too.</summary>
    public bool Expects(ulong id)
    {
        ulong region = (id >> RegionBits) + 1;
        ref ulong last = ref missed[region % Regions];
        if (Volatile.Read(ref last) == region)
        {
            return true;
        }
        Volatile.Write(ref last, region);
        return false;
    }

    /// <summary>Reads a group; what cannot be read is left out, whoever asks for it reads it alone and is told why.</summary>
    public void Load(ulong first, uint wanted, List<Inode> into)
    {
        try
        {
            load(first, wanted, into);
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            // Read ahead is a guess: only the inode that was asked for may fail, by its own read.
            return;
        }
    }
}

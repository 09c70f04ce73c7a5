using ClawFS.Linux;
using ClawFS.Store.Maps;

namespace ClawFS.Store.Objects;

/// <summary>The few values of the whole store that every commit carries in its root row.</summary>
/// <param name="AppliedSequence">The journal up to here is in the rows.</param>
/// <param name="NextId">No row has this id or a higher one (below the rows of the freshness tree).</param>
/// <param name="Quota">Most bytes the store may hold, 0 = no limit.</param>
/// <param name="Inodes">Number of inodes, orphans included.</param>
internal readonly record struct StoreHead(ulong AppliedSequence, ulong NextId, ulong Quota, long Inodes)
{
    /// <summary>Ids that are fixed in every store. 1 is the root row of the table.</summary>
    public const ulong RootFolder = 2, HiddenFolder = 3, Orphans = 4, Segments = 5, FirstFree = 16;

    private const byte Format = 1;

    public void Encode(SpanWriter to)
    {
        to.Byte(Format);
        to.U64(AppliedSequence);
        to.U64(NextId);
        to.U64(Quota);
        to.I64(Inodes);
    }

    public static StoreHead Decode(ReadOnlySpan<byte> bytes)
    {
        var from = new SpanReader(bytes);
        return from.Byte() == Format
            ? new(from.U64(), from.U64(), from.U64(), from.I64())
            : throw new StoreException(Errno.EIO, "the root row has an unknown head");
    }
}

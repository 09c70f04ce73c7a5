using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Log;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;

namespace ClawFS.Store.Commit;

/// <summary>
/// What a dead predecessor on the same mount had applied, by the kernel's number of the request. The kernel asks again for what was not answered; a request
/// that is found here is answered and not applied a second time. Filled while the store is opened, only read afterwards.
/// </summary>
internal sealed class AppliedRequests
{
    /// <summary>The kernel sets it in the number of a request that it sends again (FUSE_UNIQUE_RESEND).</summary>
    private const ulong ResentBit = 1UL << 63;

    private readonly Dictionary<ulong, AppliedRequest> requests = [];
    private readonly Extent[] extents = new Extent[DataChange.MaxExtents];

    /// <summary>Requests that are known here.</summary>
    public int Count => requests.Count;

    /// <summary>Takes every record that the journal still has: those of the last two checkpoints at least, whether or not the rows hold them.</summary>
    /// <exception cref="StoreException">The journal is damaged.</exception>
    public void Collect(Journal journal) => journal.Replay(journal.FirstSequence, (_, kind, payload) => Take((ChangeKind)kind, payload));

    /// <summary>Whether a request that was sent again had made a change of this kind.</summary>
    public bool Has(ulong unique, ChangeKind kind, out AppliedRequest applied)
    {
        applied = default;
        return (unique & ResentBit) != 0 && requests.TryGetValue(unique & ~ResentBit, out applied) && applied.Has(kind);
    }

    private void Take(ChangeKind kind, ReadOnlySpan<byte> payload)
    {
        var reader = new SpanReader(payload);
        ulong unique = reader.U64() & ~ResentBit;
        if (unique == 0)
        {
            // The service's own change.
            return;
        }
        requests.TryGetValue(unique, out AppliedRequest applied);
        ulong reach = applied.Reach;
        ulong inode = 0;
        switch (kind)
        {
            case ChangeKind.Data:
                DataChange data = DataChange.Decode(ref reader, extents);
                inode = data.Inode;
                foreach (ref readonly Extent extent in data.Extents)
                {
                    reach = Math.Max(reach, extent.End);
                }
                break;
            case ChangeKind.Create or ChangeKind.Link:
                inode = reader.U64();
                break;
            default:
                break;
        }
        requests[unique] = new AppliedRequest(applied.Kinds | (1u << (int)kind), inode != 0 ? inode : applied.Inode, reach);
    }
}

/// <summary>What one request had done.</summary>
/// <param name="Kinds">A bit for each kind of change it has made.</param>
/// <param name="Inode">The inode it made, linked or wrote.</param>
/// <param name="Reach">The first block behind the content it wrote; a write goes from the front to the back.</param>
internal readonly record struct AppliedRequest(uint Kinds, ulong Inode, ulong Reach)
{
    public bool Has(ChangeKind kind) => (Kinds & (1u << (int)kind)) != 0;

    /// <summary>Whether a write up to this byte is all there.</summary>
    public bool Covers(ulong end) => end <= Reach * Extent.BlockSize;
}

using ClawFS.Store.Changes;
using ClawFS.Store.Log;
using ClawFS.Store.Maps;

namespace ClawFS.Store.Commit;

/// <summary>
/// What a dead predecessor on the same mount had applied, by the kernel's number of the request. The kernel asks again for what was not answered; a request
/// that is found here is answered and not applied a second time. Filled while the store is opened, only read afterwards.
/// </summary>
/// <param name="capacity">
/// Requests that are kept, the latest. Between its record and its answer a request waits for nothing, so that there are only as many in doubt as fs
/// had threads.
/// </param>
internal sealed class AppliedRequests(int capacity = 1 << 16)
{
    /// <summary>The kernel sets it in the number of a request that it sends again (FUSE_UNIQUE_RESEND).</summary>
    private const ulong ResentBit = 1UL << 63;

    private readonly Dictionary<ulong, AppliedRequest> requests = [];
    private readonly Queue<ulong> order = [];

    /// <summary>Requests that are known here.</summary>
    public int Count => requests.Count;

    /// <summary>Takes every record that the journal still has: those of the last two checkpoints at least, whether or not the rows hold them.</summary>
    /// <exception cref="StoreException">The journal is damaged.</exception>
    public void Collect(Journal journal) => journal.Replay(journal.FirstSequence, (_, kind, payload) => Take((ChangeKind)kind, payload));

    /// <summary>Whether a request that was sent again had made a change of this kind.</summary>
    public bool Has(ulong unique, ChangeKind kind) => Has(unique, kind, out _);

    /// <summary>The same, and the inode that it had made or linked.</summary>
    public bool Has(ulong unique, ChangeKind kind, out ulong inode)
    {
        inode = 0;
        if ((unique & ResentBit) == 0 || !requests.TryGetValue(unique & ~ResentBit, out AppliedRequest applied) || (applied.Kinds & Bit(kind)) == 0)
        {
            return false;
        }
        inode = applied.Inode;
        return true;
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
        if (!requests.TryGetValue(unique, out AppliedRequest applied))
        {
            order.Enqueue(unique);
        }
        ulong inode = kind is ChangeKind.Create or ChangeKind.Link ? reader.U64() : applied.Inode;
        requests[unique] = new AppliedRequest(applied.Kinds | Bit(kind), inode);
        if (order.Count > capacity)
        {
            requests.Remove(order.Dequeue());
        }
    }

    private static uint Bit(ChangeKind kind) => 1u << (int)kind;

    private readonly record struct AppliedRequest(uint Kinds, ulong Inode);
}

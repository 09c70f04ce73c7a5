using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Log;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;

namespace ClawFS.Store.Commit;

/// <summary>
/// Applies what the journal holds beyond the rows, when a store is opened. Single-threaded, before anything else runs. After a reboot
/// the data of a record may be missing although the record is there, because nothing orders the two files without an fsync; replay then stops before that
/// record, so that what is left is a prefix.
/// </summary>
internal sealed class Replay(StoreState state, Content content)
{
    private readonly Extent[] extents = new Extent[DataChange.MaxExtents];
    private readonly HashSet<ulong> named = [];
    private bool verify;
    private bool stopped;

    /// <summary>Where replay stopped early, null if it did not.</summary>
    public string? Stopped { get; private set; }

    /// <summary>
    /// Whether records follow behind the place where the journal stops making sense, although the machine has not gone down since: a kill never leaves that. After a
    /// power loss it is what any unsynced tail may look like.
    /// </summary>
    public bool Damaged { get; private set; }

    /// <summary>Records applied.</summary>
    public long Applied { get; private set; }

    /// <summary>Records that could not be applied, because what they change is damaged: the rest of the store opens, fsck mends.</summary>
    public long Skipped { get; private set; }

    /// <summary>Why the first of them could not.</summary>
    public string? FirstSkipped { get; private set; }

    /// <summary>
    /// Segments that the applied records name. A process that was killed may have left their data in the page cache only, where no later sync of
    /// this process would look for them: they are synced before a commit names them and the journal goes.
    /// </summary>
    public IReadOnlySet<ulong> NamedSegments => named;

    /// <summary>Runs; returns the sequence the journal goes on with.</summary>
    public ulong Run(Journal journal, ulong from, Guid boot)
    {
        // New map pages must not take ids that a later record names: all named ids first.
        ReplayResult scan = journal.Replay(from, (_, kind, payload) => ReserveIds((ChangeKind)kind, payload));
        verify = scan.Boot != boot;
        ReplayResult result = journal.Replay(from, Apply);
        Damaged = result.DataFollows && !verify;
        return result.Next;
    }

    private void ReserveIds(ChangeKind kind, ReadOnlySpan<byte> payload)
    {
        var reader = new SpanReader(payload);
        reader.U64();
        switch (kind)
        {
            case ChangeKind.Create:
                state.ReserveThrough(reader.U64());
                break;
            case ChangeKind.Data:
                foreach (ref readonly Extent extent in DataChange.Decode(ref reader, extents).Extents)
                {
                    state.ReserveThrough(extent.Segment);
                }
                break;
            default:
                break;
        }
    }

    private void Apply(ulong sequence, byte kind, ReadOnlySpan<byte> payload)
    {
        if (stopped)
        {
            return;
        }
        try
        {
            ApplyNow(sequence, kind, payload);
            Applied++;
        }
        catch (StoreException e) when (e.Error is Errno.EIO or Errno.ENOENT)
        {
            FirstSkipped ??= $"journal record {sequence}: {e.Message}";
            Skipped++;
        }
    }

    private void ApplyNow(ulong sequence, byte kind, ReadOnlySpan<byte> payload)
    {
        var reader = new SpanReader(payload);
        // The kernel's number of the request: for a successor under a live mount.
        reader.U64();
        switch ((ChangeKind)kind)
        {
            case ChangeKind.Create:
                Create(CreateChange.Decode(ref reader));
                break;
            case ChangeKind.Link:
                Link(LinkChange.Decode(ref reader));
                break;
            case ChangeKind.Remove:
                Remove(RemoveChange.Decode(ref reader));
                break;
            case ChangeKind.Rename:
                Rename(RenameChange.Decode(ref reader));
                break;
            case ChangeKind.Attributes:
                AttributesChange attributes = AttributesChange.Decode(ref reader);
                using (InodeLease inode = state.Cache.Pin(attributes.Inode))
                {
                    state.Apply(attributes, inode.Inode);
                }
                break;
            case ChangeKind.Data:
                Data(sequence, DataChange.Decode(ref reader, extents));
                break;
            case ChangeKind.Xattr:
                XattrChange xattr = XattrChange.Decode(ref reader);
                using (InodeLease inode = state.Cache.Pin(xattr.Inode))
                {
                    state.Apply(xattr, inode.Inode);
                }
                break;
            case ChangeKind.Purge:
                using (InodeLease inode = state.Cache.Pin(reader.U64()))
                {
                    state.ApplyPurge(inode.Inode);
                }
                break;
            case ChangeKind.Quota:
                state.ApplyQuota(reader.U64());
                break;
            default:
                throw new StoreException(Errno.EOPNOTSUPP, $"journal record {sequence} is of kind {kind}, which this claw does not know");
        }
    }

    private void Create(in CreateChange change)
    {
        if (state.HasRow(change.Inode))
        {
            throw StoreException.Damaged($"the journal makes inode {change.Inode}, which is in the table");
        }
        if (change.Parent == 0)
        {
            state.Apply(change, null).Dispose();
            return;
        }
        using InodeLease parent = state.Cache.Pin(change.Parent);
        state.Apply(change, parent.Inode).Dispose();
    }

    private void Link(in LinkChange change)
    {
        using InodeLease parent = state.Cache.Pin(change.Parent);
        using InodeLease inode = state.Cache.Pin(change.Inode);
        state.Apply(change, parent.Inode, inode.Inode);
    }

    private void Remove(in RemoveChange change)
    {
        using InodeLease parent = state.Cache.Pin(change.Parent);
        using InodeLease inode = state.Cache.Pin(Find(parent.Inode, change.Name));
        state.Apply(change, parent.Inode, inode.Inode);
    }

    private void Rename(in RenameChange change)
    {
        using InodeLease from = state.Cache.Pin(change.Parent);
        using InodeLease to = state.Cache.Pin(change.NewParent);
        using InodeLease inode = state.Cache.Pin(Find(from.Inode, change.Name));
        if (FolderNames.TryFind(to.Inode, state.Names, change.NewName, out DirectoryEntry existing))
        {
            using InodeLease target = state.Cache.Pin(existing.Inode);
            state.Apply(change, from.Inode, to.Inode, inode.Inode, target.Inode);
        }
        else
        {
            state.Apply(change, from.Inode, to.Inode, inode.Inode, null);
        }
    }

    private void Data(ulong sequence, in DataChange change)
    {
        using InodeLease inode = state.Cache.Pin(change.Inode);
        if (verify)
        {
            foreach (ref readonly Extent extent in change.Extents)
            {
                if (!content.IsAuthentic(inode.Inode, extent, state.Segments.SaltIfKnown(extent.Segment)))
                {
                    stopped = true;
                    Stopped = $"the data of journal record {sequence} did not reach the disk before the machine went down; "
                        + "this and later changes were never synced and are dropped";
                    return;
                }
            }
        }
        state.Apply(change, inode.Inode);
        foreach (ref readonly Extent extent in change.Extents)
        {
            named.Add(extent.Segment);
        }
    }

    private ulong Find(Inode folder, ReadOnlySpan<byte> name) =>
        FolderNames.TryFind(folder, state.Names, name, out DirectoryEntry entry)
            ? entry.Inode
            : throw new StoreException(Errno.EIO, $"the journal names an entry that folder {folder.Id} does not have");
}

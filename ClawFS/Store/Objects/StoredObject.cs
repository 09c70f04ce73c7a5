using ClawFS.Store.Maps;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Objects;

/// <summary>
/// Something with a row of its own (an inode, a segment's record, a set) and the map pages it owns. Its monitor is its lock.
/// Lock order, outermost first; later ones may be taken while earlier ones are held, never the other way round:
/// <code>
/// ChangeGate (shared by every change, exclusive for the freeze of a checkpoint)
///   StoredTree.renames                 (renames between folders only)
///     folders: ancestor before descendant
///       inodes that are no folders: ascending id
///         StoredSet, SegmentRecord     (leaf objects; one at a time)
///           Journal, Snapshots, DirtyList, ObjectCache shard
/// </code>
/// </summary>
internal abstract class StoredObject(ulong id)
{
    public ulong Id { get; } = id;

    /// <summary>Users right now; an object in use is never evicted. Changed under the shard's lock or by Interlocked.</summary>
    public int Pins;

    /// <summary>Touched since the cache's clock hand passed.</summary>
    public bool Referenced;

    /// <summary>The checkpoint generation that must still save this object; 0 = clean. Under the object's lock.</summary>
    public long DirtyGeneration;

    /// <summary>The last generation that took a snapshot; until it has committed, the row in the table is old. Under the object's lock.</summary>
    public long SavedGeneration;

    /// <summary>Puts the row and the changed pages into a batch (or deletes them) and marks them clean. Called with the object's lock held.</summary>
    public abstract void Snapshot(RowBatch batch, SpanWriter scratch);
}

using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Checks;

/// <summary>A row that the next checkpoint deletes.</summary>
internal sealed class DeadRow(ulong id) : StoredObject(id)
{
    public override void Snapshot(RowBatch batch, SpanWriter scratch) => batch.Delete(Id);
}

using ClawFS.Store.Maps;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Checks;

/// <summary>Pages of maps as the rows have them, past everything in memory; for checks. One thread at a time.</summary>
internal sealed class RowPages(RowStore rows) : IPageSource
{
    private byte[] buffer = new byte[8192];

    public MapPage ReadPage(ulong rowId)
    {
        bool found = rows.Read(rowId, RowKind.TreeLeaf, ref buffer, out int length);
        return found && MapPage.TryParse(rowId, buffer.AsSpan(0, length), out MapPage page)
            ? page
            : throw StoreException.Damaged(found ? $"page {rowId} is malformed" : $"page {rowId} is missing");
    }

    public byte[] ReadIndex(ulong rowId) =>
        rows.Read(rowId, RowKind.TreeIndex, ref buffer, out int length) ? buffer[..length] : throw StoreException.Damaged($"index {rowId} is missing");

    public ulong NewRowId() => throw new InvalidOperationException("a check makes no rows");
}

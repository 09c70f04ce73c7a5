using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Checks;

/// <summary>
/// Checks the rows of the freshness tree itself, on the way from each row to the top. Nodes in memory hide damage of their rows until the store is opened again,
/// and then 512 rows or more cannot be read.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="damaged">Told a row below the damaged node, and what is wrong.</param>
internal sealed class NodeCheck(RowStore rows, Action<ulong, StoreException> damaged)
{
    private ulong? before;

    /// <summary>Checks the nodes above a row that were not above the row of the last call. Rows come in ascending order.</summary>
    public void Above(ulong row)
    {
        for (int level = 0; level <= rows.TopLevel; level++)
        {
            int shift = VersionNode.Bits * (level + 1);
            if (before is { } last && last >> shift == row >> shift)
            {
                break;
            }
            try
            {
                rows.CheckNode(level, row >> shift);
            }
            catch (StoreException e) when (e.Error == Errno.EIO)
            {
                damaged(row, e);
            }
        }
        before = row;
    }
}

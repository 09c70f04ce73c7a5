using ClawFS.Linux;
using ClawFS.Store.Maps;

namespace ClawFS.Store.Checks;

/// <summary>Goes through a map entry by entry and passes over pages that cannot be read.</summary>
internal static class MapWalk
{
    public delegate void Visitor(ulong key, ReadOnlySpan<byte> value);

    /// <param name="map">The map.</param>
    /// <param name="visit">Takes each entry.</param>
    /// <param name="lost">Told the first key of a page that cannot be read, and why.</param>
    public static void Run(PagedMap map, Visitor visit, Action<ulong, StoreException> lost)
    {
        ulong at = 0;
        while (true)
        {
            try
            {
                if (!map.TryAtLeast(at, out ulong found, out ReadOnlySpan<byte> value))
                {
                    return;
                }
                visit(found, value);
                if (found == ulong.MaxValue)
                {
                    return;
                }
                at = found + 1;
            }
            catch (StoreException e) when (e.Error == Errno.EIO)
            {
                lost(at, e);
                if (!map.TryNextPage(at, out ulong next) || next <= at)
                {
                    return;
                }
                at = next;
            }
        }
    }
}

namespace ClawFS.Store.Maps;

/// <summary>Where a map gets its rows: the store, or a dictionary in a test.</summary>
internal interface IPageSource
{
    /// <summary>Reads a page row. Throws <see cref="StoreException"/> when it is missing, stale or damaged.</summary>
    MapPage ReadPage(ulong rowId);

    /// <summary>Reads the index row of a large map into a fresh array.</summary>
    byte[] ReadIndex(ulong rowId);

    /// <summary>A row id that was never used.</summary>
    ulong NewRowId();
}

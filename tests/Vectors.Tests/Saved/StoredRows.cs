namespace ClawFS.Vectors.Tests.Saved;

/// <summary>The rows of an index as a store holds them.</summary>
internal sealed class StoredRows : IndexRows
{
    public Dictionary<uint, byte[]> LinkRows { get; } = [];

    public Dictionary<uint, byte[]> CodeRows { get; } = [];

    public byte[] Header { get; } = new byte[HnswIndex.HeaderLength];

    public static StoredRows Of(HnswIndex index)
    {
        StoredRows rows = new();
        rows.Take(index);
        return rows;
    }

    public int Take(HnswIndex index) => index.Save(this, Header);

    public int TakeSome(HnswIndex index, int most) => index.SaveSome(this, most);

    public override void Links(uint slot, ReadOnlySpan<byte> row) => LinkRows[slot] = row.ToArray();

    public override void Codes(uint slot, ReadOnlySpan<byte> row) => CodeRows[slot] = row.ToArray();

    public override void Free(uint slot)
    {
        LinkRows.Remove(slot);
        CodeRows.Remove(slot);
    }

    public StoredRows Copy()
    {
        StoredRows copy = new();
        Header.CopyTo(copy.Header, 0);
        foreach ((uint slot, byte[] row) in LinkRows)
            copy.LinkRows[slot] = [.. row];
        foreach ((uint slot, byte[] row) in CodeRows)
            copy.CodeRows[slot] = [.. row];
        return copy;
    }

    public HnswIndex Load(HnswOptions options, VectorSource source)
    {
        using SavedIndex saved = new(Header, options, source);
        foreach ((uint slot, byte[] row) in CodeRows)
            saved.Codes(slot, row);
        foreach ((uint slot, byte[] row) in LinkRows)
            saved.Links(slot, row);
        return saved.Finish();
    }

    /// <summary>All of it, to compare.</summary>
    public string Text() => Convert.ToHexString(Header) + string.Join('\n', LinkRows.OrderBy(row => row.Key).Select(row => $"{row.Key} {Convert.ToHexString(row.Value)}"))
        + string.Join('\n', CodeRows.OrderBy(row => row.Key).Select(row => $"{row.Key} {Convert.ToHexString(row.Value)}"));
}

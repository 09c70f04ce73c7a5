namespace ClawFS.Store.Rows;

/// <summary>Neighbouring rows of one kind, opened one after the other. Holds a reading connection until it is disposed; meanwhile its thread reads no other row.</summary>
internal readonly ref struct RowGroup
{
    /// <summary>Ids of a group: 32, aligned, so that they share a node of the freshness tree.</summary>
    public const int Size = 32;

    private readonly RowRangeView view;
    private readonly VersionNode? versions;
    private readonly RowKind kind;
    private readonly EpochKeys keys;
    private readonly Guid store;

    internal RowGroup(RowRangeView view, VersionNode? versions, RowKind kind, EpochKeys keys, Guid store)
    {
        this.view = view;
        this.versions = versions;
        this.kind = kind;
        this.keys = keys;
        this.store = store;
    }

    /// <summary>Opens the next row that is wanted and valid; false behind the last.</summary>
    /// <param name="wanted">Bit i: the row with the i-th id.</param>
    /// <param name="buffer">Takes the plaintext; replaced by a larger one if it is too small.</param>
    /// <param name="id">Its id.</param>
    /// <param name="length">Bytes of plaintext.</param>
    public bool Next(uint wanted, ref byte[] buffer, out ulong id, out int length)
    {
        while (view.Next(out id, out ReadOnlySpan<byte> body))
        {
            length = body.Length - RowSeal.Overhead;
            if ((wanted >> (int)(id % Size) & 1) == 0 || versions is null || length < 0 || versions[id] == 0 || RowSeal.VersionOf(body) != versions[id])
                continue;
            if (buffer.Length < length)
                buffer = new byte[Math.Max(length, buffer.Length * 2)];
            if (keys.Open(store, id, kind, body, buffer))
                return true;
        }
        length = 0;
        return false;
    }

    /// <summary>Gives the connection back.</summary>
    public void Dispose() => view.Dispose();
}

namespace ClawFS.Store.Rows;

/// <summary>Neighbouring rows while they are read: the bytes lie in SQLite's memory until the next step. To be disposed soon and on the same thread.</summary>
internal readonly ref struct RowRangeView
{
    private readonly SqliteReader reader;

    internal RowRangeView(SqliteReader reader) => this.reader = reader;

    /// <summary>Goes to the next row; false behind the last.</summary>
    public bool Next(out ulong id, out ReadOnlySpan<byte> body) => reader.Next(out id, out body);

    /// <summary>Gives the connection back.</summary>
    public void Dispose() => reader.EndRange();
}

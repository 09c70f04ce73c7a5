using SQLitePCL;

namespace ClawFS.Store.Rows;

/// <summary>A row while it is read: the bytes lie in SQLite's memory until this is disposed, which must be soon and on the same thread.</summary>
internal readonly ref struct RowView
{
    private readonly SqliteReader reader;

    internal RowView(SqliteReader reader, bool found, ReadOnlySpan<byte> body)
    {
        this.reader = reader;
        Found = found;
        Body = body;
    }

    /// <summary>Whether there is such a row.</summary>
    public bool Found { get; }

    /// <summary>Its bytes.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Gives the connection back.</summary>
    public void Dispose() => reader.Release();
}

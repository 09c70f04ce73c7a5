using SQLitePCL;

namespace ClawFS.Store.Rows;

/// <summary>A connection that reads rows, one at a time. Whoever <see cref="TryAcquire"/>s it calls <see cref="Read"/> and disposes the view.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly Lock gate = new();
    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt select;
    private readonly sqlite3_stmt idsFrom;
    private readonly sqlite3_stmt between;

    /// <summary>Takes the connection.</summary>
    public SqliteReader(SqliteConnection connection)
    {
        this.connection = connection;
        select = connection.Prepare("SELECT body FROM rows WHERE id = ?1");
        idsFrom = connection.Prepare("SELECT id FROM rows WHERE id >= ?1 ORDER BY id LIMIT ?2");
        between = connection.Prepare("SELECT id, body FROM rows WHERE id BETWEEN ?1 AND ?2");
    }

    /// <summary>Takes the connection for this thread if nobody has it.</summary>
    public bool TryAcquire() => gate.TryEnter();

    /// <summary>Takes the connection for this thread, waiting for it.</summary>
    public void Acquire() => gate.Enter();

    /// <summary>Reads a row. The connection goes back when the view is disposed, or at once if this throws.</summary>
    public RowView Read(ulong id)
    {
        try
        {
            connection.Check(raw.sqlite3_bind_int64(select, 1, (long)id));
            bool found = connection.Step(select);
            return new RowView(this, found, found ? raw.sqlite3_column_blob(select, 0) : default);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Fills <paramref name="ids"/> with the rows from <paramref name="first"/> on, in order, and gives the connection back.</summary>
    public int ReadIds(ulong first, Span<ulong> ids)
    {
        int count = 0;
        try
        {
            connection.Check(raw.sqlite3_bind_int64(idsFrom, 1, (long)first));
            connection.Check(raw.sqlite3_bind_int64(idsFrom, 2, ids.Length));
            while (count < ids.Length && connection.Step(idsFrom))
                ids[count++] = (ulong)raw.sqlite3_column_int64(idsFrom, 0);
            return count;
        }
        finally
        {
            _ = raw.sqlite3_reset(idsFrom); // A failed step has been thrown above; reset repeats its code.
            gate.Exit();
        }
    }

    /// <summary>Begins to read the rows of [<paramref name="first"/>, <paramref name="last"/>]. The connection goes back when the view is disposed, or at once if this throws.</summary>
    public RowRangeView ReadRange(ulong first, ulong last)
    {
        try
        {
            connection.Check(raw.sqlite3_bind_int64(between, 1, (long)first));
            connection.Check(raw.sqlite3_bind_int64(between, 2, (long)last));
            return new RowRangeView(this);
        }
        catch
        {
            EndRange();
            throw;
        }
    }

    /// <summary>SQLite's own check of the file, "ok" or the first problem.</summary>
    public string CheckFile()
    {
        try
        {
            return connection.Text("PRAGMA integrity_check(1)");
        }
        finally
        {
            gate.Exit();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        select.Dispose();
        idsFrom.Dispose();
        between.Dispose();
        connection.Dispose();
    }

    internal bool Next(out ulong id, out ReadOnlySpan<byte> body)
    {
        bool found = connection.Step(between);
        id = found ? (ulong)raw.sqlite3_column_int64(between, 0) : 0;
        body = found ? raw.sqlite3_column_blob(between, 1) : default;
        return found;
    }

    internal void EndRange()
    {
        _ = raw.sqlite3_reset(between); // Ends the read transaction; a failed step has been thrown.
        gate.Exit();
    }

    internal void Release()
    {
        _ = raw.sqlite3_reset(select); // Ends the read transaction; a failed step has been thrown by Read.
        gate.Exit();
    }
}

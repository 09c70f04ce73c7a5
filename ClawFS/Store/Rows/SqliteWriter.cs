using SQLitePCL;

namespace ClawFS.Store.Rows;

/// <summary>The one connection that writes rows. For one thread at a time.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt begin, commit, rollback, put, delete;

    /// <summary>Takes the connection.</summary>
    public SqliteWriter(SqliteConnection connection)
    {
        this.connection = connection;
        begin = connection.Prepare("BEGIN IMMEDIATE");
        commit = connection.Prepare("COMMIT");
        rollback = connection.Prepare("ROLLBACK");
        put = connection.Prepare("INSERT OR REPLACE INTO rows(id, body) VALUES(?1, ?2)");
        delete = connection.Prepare("DELETE FROM rows WHERE id = ?1");
    }

    /// <summary>Starts a transaction.</summary>
    public void Begin() => connection.Run(begin);

    /// <summary>Makes the transaction durable (synchronous=FULL: the WAL is synced). On failure it is still to be rolled back.</summary>
    public void Commit() => connection.Run(commit);

    /// <summary>Takes everything since <see cref="Begin"/> back; nothing happens if SQLite has done so by itself.</summary>
    public void Rollback()
    {
        if (connection.InTransaction)
            connection.Run(rollback);
    }

    /// <summary>Writes a row.</summary>
    public void Put(ulong id, ReadOnlySpan<byte> body)
    {
        connection.Check(raw.sqlite3_bind_int64(put, 1, (long)id));
        connection.Check(raw.sqlite3_bind_blob(put, 2, body));
        connection.Run(put);
    }

    /// <summary>Removes a row.</summary>
    public void Delete(ulong id)
    {
        connection.Check(raw.sqlite3_bind_int64(delete, 1, (long)id));
        connection.Run(delete);
    }

    /// <summary>Copies the WAL into the database and empties it.</summary>
    public bool Checkpoint() => connection.Checkpoint();

    /// <summary>Gives up to <paramref name="pages"/> free pages back to the disk, in a transaction of its own.</summary>
    public void ReturnPages(int pages) => connection.Execute($"PRAGMA incremental_vacuum({pages})");

    /// <summary>Pages of the file that hold nothing.</summary>
    public long FreePages => connection.Number("PRAGMA freelist_count");

    /// <summary>Most pages the file may grow to.</summary>
    public void LimitPages(long pages) => connection.Execute($"PRAGMA max_page_count={pages}");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (sqlite3_stmt statement in (ReadOnlySpan<sqlite3_stmt>)[begin, commit, rollback, put, delete])
            statement.Dispose();
        connection.Dispose();
    }
}

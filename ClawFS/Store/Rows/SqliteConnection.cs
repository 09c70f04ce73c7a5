using ClawFS.Linux;
using SQLitePCL;

namespace ClawFS.Store.Rows;

/// <summary>
/// One raw connection to claw.db: opened without SQLite's own mutex, so used by one thread at a time. Every refusal becomes a
/// <see cref="StoreException"/> with the error number of the mount.
/// </summary>
internal sealed class SqliteConnection : IDisposable
{
    private readonly sqlite3 db;

    static SqliteConnection() => Batteries_V2.Init();

    /// <summary>Opens the database.</summary>
    /// <param name="path">Path of the file, or a file: URI where <paramref name="flags"/> say so.</param>
    /// <param name="flags">SQLITE_OPEN_*; NOMUTEX is added.</param>
    /// <param name="setup">Statements that hold for this connection, PRAGMAs mostly.</param>
    public SqliteConnection(string path, int flags, string setup)
    {
        int code = raw.sqlite3_open_v2(path, out db, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            Check(code);
            Execute(setup);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether a transaction is open. SQLite ends one by itself after some errors.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(db) == 0;

    /// <summary>Compiles a statement that is run many times.</summary>
    public sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(db, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement));
        return statement;
    }

    /// <summary>Begins to copy another database into this one, page by page.</summary>
    public sqlite3_backup BeginCopy(SqliteConnection from) =>
        raw.sqlite3_backup_init(db, "main", from.db, "main") ?? throw new StoreException(Errno.EIO, "claw.db could not be copied");

    /// <summary>Runs statements whose results do not matter.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(db, sql));

    /// <summary>Runs a statement that gives one number.</summary>
    public long Number(string sql)
    {
        using sqlite3_stmt statement = Prepare(sql);
        return Step(statement) ? raw.sqlite3_column_int64(statement, 0) : throw StoreException.Damaged($"claw.db: no answer to {sql}");
    }

    /// <summary>Runs a statement that gives one text.</summary>
    public string Text(string sql)
    {
        using sqlite3_stmt statement = Prepare(sql);
        return Step(statement) ? raw.sqlite3_column_text(statement, 0).utf8_to_string() : "";
    }

    /// <summary>Whether there is a row.</summary>
    public bool Step(sqlite3_stmt statement)
    {
        int code = raw.sqlite3_step(statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
            Check(code);
        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs a statement without rows and makes it ready for the next time, also when it fails.</summary>
    public void Run(sqlite3_stmt statement)
    {
        int code = raw.sqlite3_step(statement);
        StoreException? failure = code == raw.SQLITE_DONE ? null : Failure(code);
        _ = raw.sqlite3_reset(statement); // Repeats the code of the step.
        if (failure is not null)
            throw failure;
    }

    /// <summary>Copies the WAL into the database and empties it, if no reader is in the way.</summary>
    /// <returns>Whether all of it was copied.</returns>
    public bool Checkpoint()
    {
        int code = raw.sqlite3_wal_checkpoint_v2(db, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out int frames, out int copied);
        if (code == raw.SQLITE_BUSY)
            return false;
        Check(code);
        return frames == copied;
    }

    /// <inheritdoc/>
    public void Dispose() => db?.Dispose();

    /// <summary>Throws unless the code is SQLITE_OK.</summary>
    public void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw Failure(code);
    }

    private StoreException Failure(int code)
    {
        Errno error = (code & 0xFF) switch
        {
            raw.SQLITE_FULL => Errno.ENOSPC,
            raw.SQLITE_READONLY => Errno.EROFS,
            raw.SQLITE_NOMEM => Errno.ENOMEM,
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Errno.EBUSY,
            raw.SQLITE_PERM or raw.SQLITE_AUTH => Errno.EACCES,
            _ => Errno.EIO,
        };
        string text = db is null || db.IsInvalid ? raw.sqlite3_errstr(code).utf8_to_string() : raw.sqlite3_errmsg(db).utf8_to_string();
        return new StoreException(error, $"claw.db: {text} (SQLite {code})");
    }
}

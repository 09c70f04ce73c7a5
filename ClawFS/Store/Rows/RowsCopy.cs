using ClawFS.Linux;
using SQLitePCL;

namespace ClawFS.Store.Rows;

/// <summary>Copies claw.db as of one commit while somebody else writes it (sqlite3_backup): sealed rows stay sealed, no key is needed.</summary>
internal static class RowsCopy
{
    private const int PagesAtOnce = 1024;

    /// <summary>Copies.</summary>
    /// <param name="from">Path of a claw.db.</param>
    /// <param name="to">Path of a file that does not exist.</param>
    /// <param name="progress">Told pages done and all.</param>
    /// <exception cref="StoreException">ENOSPC, EIO, EACCES.</exception>
    public static void Run(string from, string to, Action<int, int> progress)
    {
        using var source = new SqliteConnection(from, raw.SQLITE_OPEN_READWRITE, "PRAGMA query_only=ON; PRAGMA busy_timeout=5000; BEGIN; SELECT count(*) FROM sqlite_schema");
        using var target = new SqliteConnection(to, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, "PRAGMA synchronous=FULL");
        using sqlite3_backup backup = target.BeginCopy(source);
        int code;
        while ((code = raw.sqlite3_backup_step(backup, PagesAtOnce)) == raw.SQLITE_OK)
        {
            int pages = raw.sqlite3_backup_pagecount(backup);
            progress(pages - raw.sqlite3_backup_remaining(backup), pages);
        }
        if (code != raw.SQLITE_DONE)
        {
            throw new StoreException(code == raw.SQLITE_FULL ? Errno.ENOSPC : Errno.EIO, $"claw.db could not be copied (SQLite error {code})");
        }
    }
}

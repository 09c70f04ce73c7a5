using ClawFS.Linux;
using SQLitePCL;

namespace ClawFS.Store.Rows;

/// <summary>
/// claw.db: one table of opaque rows, id to bytes, in a SQLite database in WAL mode. Knows nothing of keys. All connections are opened and warmed when the store is
/// opened: the process then gives up the rights to walk to the path. Reads are safe for several threads, beside one writing thread.
/// </summary>
internal sealed class SqliteRows : IDisposable
{
    /// <summary>Name of the file in the store folder.</summary>
    public const string FileName = "claw.db";

    /// <summary>Readers; more threads than these wait for each other.</summary>
    public const int DefaultReaders = 4;

    /// <summary>"CLAW", the application id in the SQLite header.</summary>
    private const int ApplicationId = 0x434C4157;

    private const string Schema =
        "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA application_id=0x434C4157; CREATE TABLE rows(id INTEGER PRIMARY KEY, body BLOB NOT NULL)";

    private const string Common = "PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000; PRAGMA cell_size_check=ON; ";

    private const string WriterSetup =
        Common + "PRAGMA synchronous=FULL; PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=33554432";

    private const string ReaderSetup = Common + "PRAGMA query_only=ON; PRAGMA cache_size=-1536";

    private readonly SqliteWriter? writer;
    private readonly SqliteReader[] readers;

    private SqliteRows(SqliteWriter? writer, SqliteReader[] readers)
    {
        this.writer = writer;
        this.readers = readers;
    }

    /// <summary>Whether there is no writing connection.</summary>
    public bool IsReadOnly => writer is null;

    /// <summary>The writing connection.</summary>
    /// <exception cref="StoreException">EROFS: opened read-only.</exception>
    public SqliteWriter Writer => writer ?? throw new StoreException(Errno.EROFS, "the store is open read-only");

    /// <summary>Makes an empty database. Fails if there is a file already.</summary>
    public static SqliteRows Create(string folder, int readers = DefaultReaders)
    {
        string path = Path.Combine(folder, FileName);
        if (File.Exists(path))
            throw new StoreException(Errno.EEXIST, $"{path} exists");
        // SQLite would make it readable to all and gives -wal and -shm the same bits.
        var ownerOnly = new FileStreamOptions { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        File.Open(path, ownerOnly).Dispose();
        using (var connection = new SqliteConnection(path, raw.SQLITE_OPEN_READWRITE, "PRAGMA page_size=4096"))
            connection.Execute(Schema);
        return Open(folder, readers);
    }

    /// <summary>Opens for reading and writing.</summary>
    public static SqliteRows Open(string folder, int readers = DefaultReaders)
    {
        string path = Path.Combine(folder, FileName);
        var connection = new SqliteConnection(path, raw.SQLITE_OPEN_READWRITE, WriterSetup);
        try
        {
            if (connection.Number("PRAGMA application_id") != ApplicationId || connection.Text("PRAGMA journal_mode") != "wal")
                throw StoreException.Damaged($"{path} is no claw database");
            var writer = new SqliteWriter(connection);
            return new SqliteRows(writer, OpenReaders(path, raw.SQLITE_OPEN_READWRITE, readers));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens for reading only, writing nothing to the folder if it was closed in order.</summary>
    public static SqliteRows OpenReadOnly(string folder, int readers = DefaultReaders)
    {
        string path = Path.Combine(folder, FileName);
        if (File.Exists(path + "-wal") && new FileInfo(path + "-wal").Length > 0)
            return new SqliteRows(null, OpenReaders(path, raw.SQLITE_OPEN_READONLY, readers));
        string uri = "file:" + Uri.EscapeDataString(Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal) + "?immutable=1";
        return new SqliteRows(null, OpenReaders(uri, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI, readers));
    }

    /// <summary>Reads a row; dispose the view at once. Allocates nothing.</summary>
    public RowView Read(ulong id) => Acquire().Read(id);

    /// <summary>Reads neighbouring rows; dispose the view soon. Allocates nothing.</summary>
    public RowRangeView ReadRange(ulong first, ulong last) => Acquire().ReadRange(first, last);

    /// <summary>Fills <paramref name="ids"/> with the rows from <paramref name="first"/> on, in order.</summary>
    public int ReadIds(ulong first, Span<ulong> ids) => Acquire().ReadIds(first, ids);

    /// <summary>SQLite's own check of the whole file.</summary>
    /// <returns>"ok", or the first problem.</returns>
    public string CheckFile() => Acquire().CheckFile();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SqliteReader reader in readers)
            reader.Dispose();
        writer?.Dispose();
    }

    private static SqliteReader[] OpenReaders(string path, int flags, int count)
    {
        var readers = new List<SqliteReader>();
        try
        {
            for (int i = 0; i < count; i++)
            {
                readers.Add(new SqliteReader(new SqliteConnection(path, flags, ReaderSetup)));

                // The first read opens the -wal and -shm files.
                readers[i].Acquire();
                readers[i].Read(RowIds.Root).Dispose();
            }
            return [.. readers];
        }
        catch
        {
            readers.ForEach(static reader => reader.Dispose());
            throw;
        }
    }

    /// <summary>A free reader, tried from a place that differs by thread; with all of them busy, waits for that one.</summary>
    private SqliteReader Acquire()
    {
        int own = Environment.CurrentManagedThreadId % readers.Length;
        for (int i = 0; i < readers.Length; i++)
        {
            SqliteReader reader = readers[(own + i) % readers.Length];
            if (reader.TryAcquire())
                return reader;
        }
        readers[own].Acquire();
        return readers[own];
    }
}

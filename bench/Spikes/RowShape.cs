using ClawFS.Store.Rows;
using SQLitePCL;

namespace ClawOS.Bench.Spikes;

/// <summary>Everything in SQLite: one writing connection, WAL, synchronous=FULL.</summary>
internal abstract class RowShape : ShapeRun
{
    private readonly SqliteConnection connection;

    protected RowShape(string folder, int pageSize)
        : base(folder)
    {
        connection = new SqliteConnection(Path.Combine(folder, "claw.db"), raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE,
            $"PRAGMA page_size={pageSize}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-12288; PRAGMA wal_autocheckpoint={16 * 1024 * 1024 / pageSize}; CREATE TABLE rows(id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
        Rows = new SqliteWriter(connection);
    }

    protected SqliteWriter Rows { get; }

    /// <summary>Copies a row out.</summary>
    protected void ReadRow(ulong id, byte[] into)
    {
        using sqlite3_stmt select = connection.Prepare($"SELECT body FROM rows WHERE id = {id}");
        connection.Step(select);
        raw.sqlite3_column_blob(select, 0).CopyTo(into);
    }

    protected override void Close()
    {
        Rows.Checkpoint();
        Rows.Dispose();
    }
}

/// <summary>Small files, data and attributes in one row.</summary>
internal sealed class SmallFilesAsRows(string folder, int pageSize, int size, int perCommit) : RowShape(folder, pageSize)
{
    private readonly byte[] content = Fresh(size + 250);
    private readonly byte[] buffer = new byte[size + 250 + 16];

    public override int Operations => 20_000;
    protected override long PlainBytes => (long)Operations * content.Length;

    public override void Execute()
    {
        for (int i = 0; i < Operations; i++)
        {
            if (i % perCommit == 0)
                Rows.Begin();
            Rows.Put((ulong)i + 1, SealRow(content, buffer));
            if (i % perCommit == perCommit - 1)
                Rows.Commit();
        }
    }
}

/// <summary>Sequential data as rows of one chunk.</summary>
internal sealed class SequentialAsRows(string folder, int pageSize, int chunk) : RowShape(folder, pageSize)
{
    private readonly byte[] content = Fresh(1 << 20);
    private readonly byte[] buffer = new byte[chunk + 16];

    /// <summary>One is 1 MiB; committed every 32.</summary>
    public override int Operations => 256;
    protected override long PlainBytes => (long)Operations << 20;

    public override void Execute()
    {
        ulong id = 0;
        for (int i = 0; i < Operations; i++)
        {
            if (i % 32 == 0)
                Rows.Begin();
            for (int at = 0; at < content.Length; at += chunk)
                Rows.Put(++id, SealRow(content.AsSpan(at, chunk), buffer));
            if (i % 32 == 31)
                Rows.Commit();
        }
    }
}

/// <summary>4 KiB overwritten at random in 128 MiB of rows, durable every 32.</summary>
internal sealed class RandomOverwriteOfRows : RowShape
{
    private const int Total = 128 << 20;
    private readonly int chunk;
    private readonly byte[] plain;
    private readonly byte[] sealedRow;
    private readonly Random random = new(1);

    public RandomOverwriteOfRows(string folder, int pageSize, int chunk)
        : base(folder, pageSize)
    {
        this.chunk = chunk;
        plain = Fresh(chunk);
        sealedRow = new byte[chunk + 16];
        Rows.Begin();
        for (int i = 0; i < Total / chunk; i++)
            Rows.Put((ulong)i + 1, SealRow(plain, sealedRow));
        Rows.Commit();
        Rows.Checkpoint();
    }

    public override int Operations => 4096;

    public override void Execute()
    {
        for (int i = 0; i < Operations; i++)
        {
            if (i % 32 == 0)
                Rows.Begin();
            ulong id = (ulong)random.Next(Total / chunk) + 1;
            if (chunk > 4096)
                ReadRow(id, sealedRow);
            random.NextBytes(plain.AsSpan(0, 4096));
            Rows.Put(id, SealRow(plain, sealedRow));
            if (i % 32 == 31)
                Rows.Commit();
        }
    }
}

/// <summary>4 KiB read at random from 128 MiB of rows and opened: the whole row must be authenticated.</summary>
internal sealed class RandomReadOfRows : ShapeRun
{
    private const int Total = 128 << 20;
    private readonly SqliteReader reader;
    private readonly int chunk;
    private readonly byte[] plain;
    private readonly Random random = new(1);

    public RandomReadOfRows(string folder, int pageSize, int chunk)
        : base(folder)
    {
        this.chunk = chunk;
        plain = Fresh(chunk);
        byte[] body = new byte[chunk + 16];
        string path = Path.Combine(folder, "claw.db");
        var connection = new SqliteConnection(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE,
            $"PRAGMA page_size={pageSize}; PRAGMA journal_mode=WAL; CREATE TABLE rows(id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
        var writer = new SqliteWriter(connection);
        writer.Begin();
        for (int i = 0; i < Total / chunk; i++)
            writer.Put((ulong)i + 1, SealRow(plain, body));
        writer.Commit();
        writer.Checkpoint();
        writer.Dispose();
        reader = new SqliteReader(new SqliteConnection(path, raw.SQLITE_OPEN_READWRITE, "PRAGMA cache_size=-2048"));
    }

    public override int Operations => 20_000;

    public override void Execute()
    {
        for (int i = 0; i < Operations; i++)
        {
            ulong id = (ulong)random.Next(Total / chunk) + 1;
            reader.Acquire();
            using RowView row = reader.Read(id);
            if (!OpenRow(row.Body, id, plain))
                throw new InvalidOperationException($"row {id} does not open");
        }
    }

    protected override void Close() => reader.Dispose();
}

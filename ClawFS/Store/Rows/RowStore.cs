using System.Security.Cryptography;
using ClawFS.Crypto;
using ClawFS.Linux;

namespace ClawFS.Store.Rows;

/// <summary>
/// Sealed rows with freshness: id to plaintext, one atomic commit. Every row has a version that its parent in a tree of versions holds, up to the root row; a row that is
/// older than its parent says is refused. Reads are safe for several threads and allocate nothing in steady state; commits come from one thread at a time.
/// </summary>
/// <remarks>Lock order: committing, publishing, then the tree's loading lock, then a reader's connection.</remarks>
internal sealed partial class RowStore : IDisposable
{
    private readonly Lock committing = new();
    private readonly Lock publishing = new();
    private readonly SqliteRows rows;
    private readonly EpochKeys keys;
    private readonly SecretKey rowsKey;
    private readonly Guid store;
    private readonly VersionTree tree;
    private RootRow root;
    private ulong previousEpochs;
    private bool epochSaved;

    private RowStore(SqliteRows rows, EpochKeys keys, SecretKey rowsKey, Guid store, RootRow root, ulong rootMark, ulong previousEpochs)
    {
        this.rows = rows;
        this.keys = keys;
        this.rowsKey = rowsKey;
        this.store = store;
        this.root = root;
        this.previousEpochs = previousEpochs;
        RootMark = rootMark;
        tree = new VersionTree(OpenNode);
        tree.Reset(root.Top, root.TopVersion);
    }

    /// <summary>Number of commits in the life of the store.</summary>
    public ulong CommitCounter => root.Commits;

    /// <summary>
    /// The last eight bytes of the root row's tag: with <see cref="CommitCounter"/> what an anchor outside the store holds. Two copies of a store that run
    /// on by themselves reach the same counters and versions, but not the same tag, because each epoch has a fresh salt.
    /// </summary>
    public ulong RootMark { get; private set; }

    /// <summary>Number of rows.</summary>
    public long Count => root.Rows;

    /// <summary>What the last commit kept for the upper half, up to <see cref="RootRow.MaxHead"/> bytes. Not to be changed.</summary>
    public byte[] Head => root.Head;

    /// <summary>Makes claw.db and commits the first, empty state.</summary>
    /// <param name="folder">The store folder, for syncing its names.</param>
    /// <param name="path">Its path: SQLite opens by path.</param>
    /// <param name="rowsKey">Must outlive the store.</param>
    /// <param name="storeId">Id of the store.</param>
    /// <param name="head">What the upper half wants to find at the next opening.</param>
    /// <exception cref="StoreException">EEXIST: there is a claw.db already. ENOSPC, EIO.</exception>
    public static RowStore Create(Folder folder, string path, SecretKey rowsKey, Guid storeId, ReadOnlySpan<byte> head)
    {
        SqliteRows rows = SqliteRows.Create(path);
        var created = new RowStore(rows, new EpochKeys(rowsKey, WithNewEpoch([]), writing: true), rowsKey, storeId, new(0, 0, 0, 0, 0, 0, []), 0, 0);
        try
        {
            created.Commit(new RowBatch(), head);
            SyncNames(folder);
            return created;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    /// <summary>Opens claw.db. For writing, a new epoch begins; nothing is written before the first commit.</summary>
    /// <exception cref="StoreException">EIO: damaged, stale, or another key. EOPNOTSUPP: a newer format.</exception>
    public static RowStore Open(Folder folder, string path, SecretKey rowsKey, Guid storeId, bool readOnly = false)
    {
        SqliteRows rows = readOnly ? SqliteRows.OpenReadOnly(path) : SqliteRows.Open(path);
        try
        {
            RootRow root = ReadRoot(rows, rowsKey, storeId, out ulong rootMark);
            byte[] salts = EpochRows.Load(rows, rowsKey, storeId, root.Epochs, root.EpochsVersion, out ulong previous);
            var keys = new EpochKeys(rowsKey, readOnly ? salts : WithNewEpoch(salts), writing: !readOnly);
            var opened = new RowStore(rows, keys, rowsKey, storeId, root, rootMark, previous);
            if (!readOnly)
                SyncNames(folder);
            return opened;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Reads a row.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="kind">What it was put as.</param>
    /// <param name="buffer">Takes the plaintext; replaced by a larger one if it is too small.</param>
    /// <param name="length">Bytes of plaintext.</param>
    /// <returns>False if there is no such row.</returns>
    /// <exception cref="StoreException">EIO: the row is missing, stale or not authentic.</exception>
    public bool Read(ulong id, RowKind kind, ref byte[] buffer, out int length)
    {
        length = 0;
        ulong version = tree.VersionOf(id);
        if (version == 0)
            return false;
        if (TryOpen(id, kind, version, ref buffer, out length) == RowCheck.Valid)
            return true;

        // A commit may have passed between the look-up and the read: only what is wrong while none can pass is wrong.
        lock (publishing)
        {
            version = tree.VersionOf(id);
            if (version == 0)
                return false;
            RowCheck check = TryOpen(id, kind, version, ref buffer, out length);
            return check == RowCheck.Valid ? true : throw Refusal(id, check);
        }
    }

    /// <summary>Whether there is such a row.</summary>
    /// <exception cref="StoreException">EIO: the part of the freshness tree above it cannot be read.</exception>
    public bool Holds(ulong id) => tree.VersionOf(id) != 0;

    /// <summary>
    /// Begins to read a group of neighbours with one statement. Passes over what is not of the kind, cannot be opened, or is being changed by a commit: who needs such a
    /// row reads it by itself and is told why.
    /// </summary>
    /// <param name="first">The first id, a multiple of <see cref="RowGroup.Size"/>.</param>
    /// <param name="kind">What they were put as.</param>
    /// <exception cref="StoreException">EIO: the part of the freshness tree above them cannot be read.</exception>
    public RowGroup ReadGroup(ulong first, RowKind kind) =>
        new(rows.ReadRange(first, first + RowGroup.Size - 1), tree.Node(0, first >> VersionNode.Bits), kind, keys, store);

    /// <summary>Checks a row of any kind, for fsck.</summary>
    /// <returns>The kind that it opens as; null if there is no such row.</returns>
    /// <exception cref="StoreException">EIO: the row is missing, stale or not authentic.</exception>
    public RowKind? CheckRow(ulong id, ref byte[] buffer, out int length)
    {
        length = 0;
        lock (publishing)
        {
            ulong version = tree.VersionOf(id);
            if (version == 0)
                return null;
            RowCheck check = RowCheck.NotAuthentic;
            for (RowKind kind = RowKind.Inode; kind <= RowKind.System && check == RowCheck.NotAuthentic; kind++)
            {
                check = TryOpen(id, kind, version, ref buffer, out length);
                if (check == RowCheck.Valid)
                    return kind;
            }
            throw Refusal(id, check);
        }
    }

    /// <summary>Level of the top node of the freshness tree.</summary>
    public int TopLevel => tree.Top;

    /// <summary>Checks the row of a node of the freshness tree against its parent, past what is in memory; nothing happens where there is none.</summary>
    /// <exception cref="StoreException">EIO: the row is missing, stale or not authentic.</exception>
    public void CheckNode(int level, ulong index)
    {
        Span<byte> plaintext = stackalloc byte[VersionNode.MaxEncoded];
        lock (publishing)
        {
            ulong version = tree.VersionOf(level, index);
            if (version != 0)
                OpenNode(RowIds.Versions(level, index), version, plaintext);
        }
    }

    /// <summary>Checks that claw.db still holds the root row of the last commit, and the salts.</summary>
    /// <exception cref="StoreException">EIO: somebody has put another one in its place, or it is damaged.</exception>
    public void CheckRoot()
    {
        lock (publishing)
        {
            RootRow there = ReadRoot(rows, rowsKey, store, out ulong mark);
            if (there.Commits != root.Commits || mark != RootMark)
                throw StoreException.Damaged($"the root row in claw.db is of commit {there.Commits}, the last one was {root.Commits}");
            EpochRows.Load(rows, rowsKey, store, there.Epochs, there.EpochsVersion, out _);
        }
    }

    /// <summary>
    /// The ids of all rows from <paramref name="first"/> on, ascending. Beside commits it gives the ids of before or after; fsck, which compares, looks between them.
    /// </summary>
    /// <param name="damaged">Called for each part of the freshness tree that cannot be read (512 rows or more are lost); null: thrown.</param>
    /// <param name="first">The least id that is given.</param>
    public IEnumerable<ulong> Ids(Action<StoreException>? damaged = null, ulong first = 0) => tree.Ids(damaged, first);

    /// <summary>Rows in claw.db that the freshness tree does not know: nobody will ever read them.</summary>
    public IEnumerable<ulong> Strays()
    {
        ulong[] ids = new ulong[512];
        ulong next = 0;
        int count;
        while ((count = rows.ReadIds(next, ids)) > 0)
        {
            for (int i = 0; i < count; i++)
            {
                if (ids[i] != RowIds.Root && !RowIds.IsOwn(ids[i]) && (ids[i] >= RowIds.End || tree.VersionOf(ids[i]) == 0))
                    yield return ids[i];
            }
            next = ids[count - 1] + 1;
        }
    }

    /// <summary>SQLite's own check of claw.db.</summary>
    /// <returns>"ok", or the first problem.</returns>
    public string CheckFile() => rows.CheckFile();

    /// <summary>Copies the WAL into claw.db and closes it.</summary>
    public void Close()
    {
        lock (committing)
        {
            if (!rows.IsReadOnly)
                rows.Writer.Checkpoint();
            Dispose();
        }
    }

    /// <summary>Closes without a checkpoint: the WAL is read at the next opening.</summary>
    public void Dispose()
    {
        rows.Dispose();
        keys.Dispose();
    }

    private static ulong MarkOf(ReadOnlySpan<byte> body) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(body[^8..]);

    private static RootRow ReadRoot(SqliteRows rows, SecretKey rowsKey, Guid storeId, out ulong mark)
    {
        using RowView row = rows.Read(RowIds.Root);
        if (!row.Found)
            throw StoreException.Damaged("the root row is missing");
        RootRow.CheckPrefix(row.Body);
        byte[]? plaintext = SaltedRow.Open(rowsKey, storeId, RowIds.Root, RowKind.Root, RootRow.PrefixSize, row.Body, out _);
        mark = MarkOf(row.Body);
        return RootRow.Decode(plaintext ?? throw StoreException.Damaged("the root row is not authentic"));
    }

    private static byte[] WithNewEpoch(byte[] salts)
    {
        if (salts.Length / EpochKeys.SaltSize >= EpochKeys.MaxEpochs)
            throw StoreException.Damaged("the store has been opened too often");
        byte[] more = new byte[salts.Length + EpochKeys.SaltSize];
        salts.CopyTo(more, 0);
        RandomNumberGenerator.Fill(more.AsSpan(salts.Length));
        return more;
    }

    /// <summary>SQLite has made its -wal file by now; its name must not be lost with the first commit in it.</summary>
    private static void SyncNames(Folder folder)
    {
        try
        {
            folder.Sync();
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }

    private static StoreException Refusal(ulong id, RowCheck check) => StoreException.Damaged(check switch
    {
        RowCheck.Missing => $"row {id} is missing",
        RowCheck.Stale => $"row {id} is stale",
        _ => $"row {id} is not authentic",
    });

    private RowCheck TryOpen(ulong id, RowKind kind, ulong version, ref byte[] buffer, out int length)
    {
        length = 0;
        using RowView row = rows.Read(id);
        RowCheck check = Compare(row, version);
        if (check != RowCheck.Valid)
            return check;
        int size = row.Body.Length - RowSeal.Overhead;
        if (buffer.Length < size)
            buffer = new byte[Math.Max(size, buffer.Length * 2)];
        if (!keys.Open(store, id, kind, row.Body, buffer))
            return RowCheck.NotAuthentic;
        length = size;
        return RowCheck.Valid;
    }

    private int OpenNode(ulong id, ulong version, Span<byte> plaintext)
    {
        using RowView row = rows.Read(id);
        RowCheck check = Compare(row, version);
        int size = row.Body.Length - RowSeal.Overhead;
        if (check == RowCheck.Valid && (size > plaintext.Length || !keys.Open(store, id, RowKind.Versions, row.Body, plaintext)))
            check = RowCheck.NotAuthentic;
        return check == RowCheck.Valid ? size : throw Refusal(id, check);
    }

    private static RowCheck Compare(in RowView row, ulong version) =>
        !row.Found ? RowCheck.Missing : RowSeal.VersionOf(row.Body) == version ? RowCheck.Valid : RowCheck.Stale;
}

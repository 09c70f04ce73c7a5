using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Rows;
using SQLitePCL;

namespace ClawFS.Store.Tests.Rows;

/// <summary>A scratch folder with the rows of one store in it.</summary>
internal sealed class RowFixture : IDisposable
{
    private readonly SecretKey key = SecretKey.Random();

    public RowFixture(ScratchFolder? scratch = null)
    {
        Scratch = scratch ?? new ScratchFolder();
        Folder = Scratch.Open();
        Rows = RowStore.Create(Folder, Scratch.Path, key, Store, "first"u8);
    }

    public Guid Store { get; } = Guid.NewGuid();
    public ScratchFolder Scratch { get; }
    public Folder Folder { get; }
    public RowStore Rows { get; private set; }

    public void Put(ulong id, byte[] plaintext, RowKind kind = RowKind.Inode)
    {
        var batch = new RowBatch();
        batch.Put(id, kind, plaintext);
        Rows.Commit(batch, "head"u8);
    }

    public byte[]? Get(ulong id, RowKind kind = RowKind.Inode)
    {
        byte[] buffer = [];
        return Rows.Read(id, kind, ref buffer, out int length) ? buffer[..length] : null;
    }

    public void Reopen(bool readOnly = false, bool orderly = true)
    {
        Shut(orderly);
        Rows = RowStore.Open(Folder, Scratch.Path, key, Store, readOnly);
    }

    public void Shut(bool orderly = true)
    {
        if (orderly)
            Rows.Close();
        else
            Rows.Dispose();
    }

    public void ReopenAfterShut(bool readOnly = false, SecretKey? otherKey = null) =>
        Rows = RowStore.Open(Folder, Scratch.Path, otherKey ?? key, Store, readOnly);

    /// <summary>Opens a copy of the store that lies in another folder.</summary>
    public RowStore OpenCopy(ScratchFolder copy)
    {
        using Folder folder = copy.Open();
        return RowStore.Open(folder, copy.Path, key, Store);
    }

    /// <summary>Works on claw.db behind the back of the store, which must be shut.</summary>
    public void Sql(string sql)
    {
        using var connection = new SqliteConnection(Scratch.File(SqliteRows.FileName), raw.SQLITE_OPEN_READWRITE, sql);
        connection.Checkpoint();
    }

    public void Dispose()
    {
        Rows.Dispose();
        Folder.Dispose();
        Scratch.Dispose();
        key.Dispose();
    }
}

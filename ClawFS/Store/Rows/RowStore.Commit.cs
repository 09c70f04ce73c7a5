namespace ClawFS.Store.Rows;

internal sealed partial class RowStore
{
    private byte[] body = new byte[VersionNode.MaxEncoded + RowSeal.Overhead];
    private readonly byte[] encoded = new byte[VersionNode.MaxEncoded];

    /// <summary>Pages of claw.db that hold nothing and can be given back.</summary>
    public long FreePages
    {
        get
        {
            lock (committing)
                return rows.Writer.FreePages;
        }
    }

    /// <summary>
    /// Makes all changes of the batch durable, or none. After a failure the rows, and what is in memory, are as before, and the same batch can be committed again.
    /// Readers see a changed row from the end of this call on; meanwhile they see the old one.
    /// </summary>
    /// <param name="batch">Stays as it is.</param>
    /// <param name="head">Up to <see cref="RootRow.MaxHead"/> bytes that belong to this commit.</param>
    /// <exception cref="StoreException">ENOSPC, EIO, EROFS.</exception>
    public void Commit(RowBatch batch, ReadOnlySpan<byte> head) => Commit(batch, head, []);

    /// <summary>Writes the nodes of the freshness tree above these rows again, as they are in memory, in a commit of its own; for repair.</summary>
    /// <param name="ids">Ascending.</param>
    public void RewriteNodes(IReadOnlyList<ulong> ids) => Commit(new RowBatch(), Head, ids);

    private void Commit(RowBatch batch, ReadOnlySpan<byte> head, IReadOnlyList<ulong> refreshed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(head.Length, RootRow.MaxHead, nameof(head));
        lock (committing)
        {
            SqliteWriter writer = rows.Writer;
            using var update = new TreeUpdate(tree);
            writer.Begin();
            try
            {
                foreach (ulong id in refreshed)
                    update.Set(id, tree.VersionOf(id));
                long count = root.Rows + PutRows(writer, batch, update);
                update.Save(PutNode);
                ulong epochs = epochSaved ? root.EpochsVersion : EpochRows.Save(writer, keys, store, root.EpochsVersion, previousEpochs);
                var next = new RootRow(root.Commits + 1, count, keys.Count, epochs, update.Top, update.TopVersion, head.ToArray());
                ulong mark = PutRoot(writer, next);
                lock (publishing)
                {
                    writer.Commit();
                    tree.Publish(update);
                    epochSaved = true;
                    root = next;
                    RootMark = mark;
                }
            }
            catch
            {
                writer.Rollback();
                throw;
            }
        }
    }

    /// <summary>Removes rows that the freshness tree does not know, in a transaction of its own. For fsck.</summary>
    public void DeleteStrays(IEnumerable<ulong> ids)
    {
        lock (committing)
        {
            SqliteWriter writer = rows.Writer;
            writer.Begin();
            try
            {
                foreach (ulong id in ids)
                    writer.Delete(id);
                writer.Commit();
            }
            catch
            {
                writer.Rollback();
                throw;
            }
        }
    }

    /// <summary>Gives free pages of claw.db back to the disk, in a transaction of its own.</summary>
    /// <param name="pages">Most pages of 4096 bytes; a few hundred keep the stall short.</param>
    public void ReturnPages(int pages)
    {
        lock (committing)
            rows.Writer.ReturnPages(pages);
    }

    /// <summary>Most pages claw.db may grow to.</summary>
    internal void LimitPages(long pages)
    {
        lock (committing)
            rows.Writer.LimitPages(pages);
    }

    /// <summary>Seals and writes the batch.</summary>
    /// <returns>How many rows there are more than before.</returns>
    private long PutRows(SqliteWriter writer, RowBatch batch, TreeUpdate update)
    {
        long added = 0;
        foreach (ulong id in batch.SortedIds())
        {
            RowBatch.Change change = batch[id];
            bool existed = tree.VersionOf(id) != 0;
            if (!change.IsDelete)
            {
                update.Set(id, PutSealed(writer, id, change.Kind, batch.PlaintextOf(change)));
                added += existed ? 0 : 1;
            }
            else if (existed)
            {
                writer.Delete(id);
                update.Set(id, 0);
                added--;
            }
        }
        return added;
    }

    private ulong PutNode(ulong id, ReadOnlySpan<ulong> versions)
    {
        int length = VersionNode.Encode(versions, encoded);
        if (length > 0)
            return PutSealed(rows.Writer, id, RowKind.Versions, encoded.AsSpan(0, length));
        rows.Writer.Delete(id);
        return 0;
    }

    private ulong PutSealed(SqliteWriter writer, ulong id, RowKind kind, ReadOnlySpan<byte> plaintext)
    {
        int length = plaintext.Length + RowSeal.Overhead;
        if (body.Length < length)
            body = new byte[length];
        ulong version = keys.NextVersion();
        RowSeal.Seal(keys.Current, store, id, kind, version, default, plaintext, body);
        writer.Put(id, body.AsSpan(0, length));
        return version;
    }

    private ulong PutRoot(SqliteWriter writer, RootRow next)
    {
        Span<byte> prefix = stackalloc byte[RootRow.PrefixSize];
        RootRow.WritePrefix(prefix);
        ulong version = keys.NextVersion();
        byte[] body = SaltedRow.Seal(keys, store, RowIds.Root, RowKind.Root, version, prefix, next.Encode());
        writer.Put(RowIds.Root, body);
        return MarkOf(body);
    }
}

using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Commit;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    private const int AccessMode = 3, ReadOnlyAccess = 0, TruncateFlag = 0x200;

    /// <inheritdoc/>
    public override Errno Open(Request request, ulong node, int flags, bool killSuidGid, out OpenReply reply)
    {
        reply = new OpenReply { Flags = OpenReplyFlags.KeepCache };
        if ((flags & (AccessMode | TruncateFlag)) == ReadOnlyAccess)
        {
            return Errno.Ok;
        }
        try
        {
            store.Space.RequireWritable();
            using var pass = store.Gate.Enter();
            using InodeLease lease = Pin(node);
            lock (lease.Inode)
            {
                bool truncates = (flags & TruncateFlag) != 0 && !store.Applied.Has(request.Unique, ChangeKind.Data);
                Errno error = truncates ? Truncate(request, lease.Inode, 0, killSuidGid) : Errno.Ok;
                if (error == Errno.Ok && (flags & AccessMode) != ReadOnlyAccess)
                {
                    lease.Inode.Writers++;
                }
                return error;
            }
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override Errno Flush(Request request, ulong node, ulong handle)
    {
        try
        {
            using InodeLease lease = Pin(node);
            lock (lease.Inode)
            {
                lease.Inode.ClosedBy = request.Pid;
            }
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override void Release(Request request, ulong node, ulong handle, int flags)
    {
        if ((flags & AccessMode) == ReadOnlyAccess || request is LocalRequest)
        {
            return;
        }
        uint closedBy = 0;
        try
        {
            using InodeLease lease = Pin(node);
            lock (lease.Inode)
            {
                closedBy = lease.Inode.ClosedBy;
                // A handle may be older than this process or this opening of the store.
                lease.Inode.Writers = Math.Max(0, lease.Inode.Writers - 1);
            }
        }
        catch (StoreException e)
        {
            // RELEASE has no answer; the event goes out without the program.
            Fail(e);
        }
        Publish(FsEventKind.WriteClosed, request, node, false, pid: closedBy);
    }

    /// <inheritdoc/>
    public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        try
        {
            using InodeLease lease = Pin(node);
            Inode inode = lease.Inode;
            ulong size;
            lock (inode)
            {
                if (!inode.IsRegular)
                {
                    return inode.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
                }
                size = inode.Size;
                if (request is not LocalRequest)
                {
                    TouchAtime(inode);
                }
            }
            if (offset >= size)
            {
                return Errno.Ok;
            }
            int length = (int)Math.Min((ulong)buffer.Length, size - offset);
            store.Content.Read(inode, offset, buffer[..length]);
            count = length;
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override Errno Write(Request request, ulong node, ulong handle, ulong offset, ReadOnlySpan<byte> data, bool fromCache, bool killSuidGid, out int count)
    {
        if (store.Applied.Has(request.Unique, ChangeKind.Data))
        {
            // One record has all of it: a request brings no more than fits into one.
            count = data.Length;
            return Errno.Ok;
        }
        return WriteNow(request, node, offset, data, killSuidGid, out count);
    }

    private Errno WriteNow(Request request, ulong node, ulong offset, ReadOnlySpan<byte> data, bool killSuidGid, out int count)
    {
        count = 0;
        if (data.IsEmpty)
        {
            return Errno.Ok;
        }
        if (offset > Content.MaxFileSize || (ulong)data.Length > Content.MaxFileSize - offset)
        {
            return Errno.EFBIG;
        }
        try
        {
            store.Pace.Wait();
            store.Space.Admit(data.Length);
            using var pass = store.Gate.Enter();
            using InodeLease lease = Pin(node);
            if (!lease.Inode.IsRegular)
            {
                return Errno.EBADF;
            }
            if (!TryWriteWhole(request, lease.Inode, offset, data, killSuidGid))
            {
                lock (lease.Inode)
                {
                    WriteMerged(request, lease.Inode, offset, data, killSuidGid);
                }
            }
            count = data.Length;
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <summary>
    /// Writes data that begins at a block and ends at a block or at the end of the file: the usual case. It is sealed and on its way to the disk before
    /// the inode's lock is taken, so that two writers of one file use two cores. False: the data share a block with other content.
    /// </summary>
    private bool TryWriteWhole(Request request, Inode inode, ulong offset, ReadOnlySpan<byte> data, bool killSetId)
    {
        ulong end = offset + (ulong)data.Length;
        bool endsInBlock = end % Extent.BlockSize != 0;
        if (offset % Extent.BlockSize != 0 || data.Length > Content.MaxRequest || (endsInBlock && end < Volatile.Read(ref inode.Size)))
        {
            return false;
        }
        Span<Extent> made = [store.Content.Seal(inode, offset / Extent.BlockSize, data)];
        lock (inode)
        {
            if (endsInBlock && end < inode.Size)
            {
                return false;
            }
            Written(request, inode, end, made, killSetId);
            return true;
        }
    }

    /// <summary>
    /// Writes data that share their first or last block with other content, as much as a request can bring in one record. Precondition: the inode's lock.
    /// </summary>
    private void WriteMerged(Request request, Inode inode, ulong offset, ReadOnlySpan<byte> data, bool killSetId)
    {
        Span<Extent> made = stackalloc Extent[1];
        while (!data.IsEmpty)
        {
            int take = Math.Min(data.Length, Content.MaxRequest);
            ulong end = offset + (ulong)take;
            ulong start = offset / Extent.BlockSize * Extent.BlockSize;
            ulong stop = Math.Max(end, Math.Min(inode.Size, (end + Extent.BlockSize - 1) / Extent.BlockSize * Extent.BlockSize));
            int head = (int)(offset - start);
            Span<byte> merged = Content.MergeBuffer((int)(stop - start));
            if (head > 0)
            {
                store.Content.Read(inode, start, merged[..head]);
            }
            if (stop > end)
            {
                store.Content.Read(inode, end, merged[(head + take)..]);
            }
            data[..take].CopyTo(merged[head..]);
            made[0] = store.Content.Seal(inode, start / Extent.BlockSize, merged);
            Written(request, inode, end, made, killSetId);
            offset = end;
            data = data[take..];
        }
    }

    private void Written(Request request, Inode inode, ulong end, ReadOnlySpan<Extent> made, bool killSetId)
    {
        foreach (ref readonly Extent extent in made)
        {
            Extents.Prepare(inode, extent.Block, extent.End);
        }
        Timestamp now = Timestamp.Now;
        Apply(request, inode, new DataChange
        {
            Inode = inode.Id,
            Size = Math.Max(inode.Size, end),
            Mode = killSetId ? WithoutSetId(inode.Mode) : inode.Mode,
            Mtime = now,
            Ctime = now,
            Extents = made,
        });
    }

    /// <inheritdoc/>
    public override Errno Fsync(Request request, ulong node, ulong handle, bool dataOnly) => Sync(request);

    /// <inheritdoc/>
    public override Errno FsyncDir(Request request, ulong node) => Sync(request);

    /// <inheritdoc/>
    public override Errno SyncFs(Request request, ulong node) => Sync(request);

    private Errno Sync(Request request)
    {
        store.Syncs.Enqueue(request.Park());
        return Vfs.Vfs.Parked;
    }

    /// <summary>relatime, in memory: the next checkpoint that saves the inode for another reason takes it along. Precondition: the inode's lock.</summary>
    private static void TouchAtime(Inode inode)
    {
        if (inode.Atime.CompareTo(inode.Mtime) <= 0 || inode.Atime.CompareTo(inode.Ctime) <= 0)
        {
            inode.Atime = Timestamp.Now;
        }
        else
        {
            Timestamp now = Timestamp.Now;
            if (now.Seconds - inode.Atime.Seconds > 24 * 3600)
            {
                inode.Atime = now;
            }
        }
    }
}

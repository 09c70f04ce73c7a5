using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    private const uint KeepSize = 1, PunchHole = 2, ZeroRange = 0x10;
    private const int SeekData = 3, SeekHole = 4;

    /// <summary>Most bytes one COPY_FILE_RANGE copies before it answers with a short count, so that no dispatcher thread is gone for long.</summary>
    private const int CopyAtOnce = 8 << 20;

    /// <inheritdoc/>
    public override Errno Fallocate(Request request, ulong node, ulong handle, ulong offset, ulong length, uint mode)
    {
        if ((mode & ~(KeepSize | PunchHole | ZeroRange)) != 0)
        {
            return Errno.EOPNOTSUPP;
        }
        if (length == 0 || mode == PunchHole)
        {
            return length == 0 ? Errno.EINVAL : Errno.EOPNOTSUPP;
        }
        if (offset > Content.MaxFileSize || length > Content.MaxFileSize - offset)
        {
            return Errno.EFBIG;
        }
        try
        {
            bool erases = (mode & (PunchHole | ZeroRange)) != 0;
            store.Space.RequireWritable();
            if (!erases)
            {
                store.Space.Admit((long)Math.Min(length, long.MaxValue / 2));
            }
            using var pass = store.Gate.Enter();
            using InodeLease lease = Pin(node);
            Inode inode = lease.Inode;
            lock (inode)
            {
                if (!inode.IsRegular)
                {
                    return inode.IsDirectory ? Errno.EISDIR : Errno.ENODEV;
                }
                ulong end = offset + length;
                if (erases)
                {
                    Erase(request, inode, offset, Math.Min(end, inode.Size));
                }
                if ((mode & KeepSize) == 0 && end > inode.Size)
                {
                    Timestamp now = Timestamp.Now;
                    Apply(request, inode, new DataChange { Inode = inode.Id, Size = end, Mode = inode.Mode, Mtime = now, Ctime = now });
                }
                return Errno.Ok;
            }
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <summary>Makes [offset, end) read as zeros and gives whole blocks back. Precondition: the inode's lock.</summary>
    private void Erase(Request request, Inode inode, ulong offset, ulong end)
    {
        if (end <= offset)
        {
            return;
        }
        ulong firstWhole = (offset + Extent.BlockSize - 1) / Extent.BlockSize;
        // A last block that ends with the file is whole: nothing of it lies behind the hole.
        ulong lastWhole = end == inode.Size ? (end + Extent.BlockSize - 1) / Extent.BlockSize : end / Extent.BlockSize;
        ReadOnlySpan<byte> zeros = stackalloc byte[Extent.BlockSize];
        if (firstWhole > lastWhole)
        {
            WriteMerged(request, inode, offset, zeros[..(int)(end - offset)], false);
            return;
        }
        if (offset % Extent.BlockSize != 0)
        {
            WriteMerged(request, inode, offset, zeros[..(int)(Math.Min(firstWhole * Extent.BlockSize, end) - offset)], false);
        }
        if (end > lastWhole * Extent.BlockSize)
        {
            WriteMerged(request, inode, lastWhole * Extent.BlockSize, zeros[..(int)(end - lastWhole * Extent.BlockSize)], false);
        }
        if (lastWhole > firstWhole)
        {
            Extents.Prepare(inode, firstWhole, lastWhole);
            Timestamp now = Timestamp.Now;
            Apply(request, inode, new DataChange
            {
                Inode = inode.Id,
                CutFrom = firstWhole,
                CutTo = lastWhole,
                Size = inode.Size,
                Mode = inode.Mode,
                Mtime = now,
                Ctime = now,
            });
        }
    }

    /// <summary>
    /// LSEEK. While a file is open for writing the kernel may hold dirty pages that the extents do not show yet, and the kernel asks without
    /// writing them back; a program that copies only what is said to be data would lose them. So they are called in first.
    /// </summary>
    public override Errno Seek(Request request, ulong node, ulong handle, ulong offset, int whence, out ulong position)
    {
        position = 0;
        try
        {
            using (InodeLease lease = Pin(node))
            {
                if ((Volatile.Read(ref lease.Inode.Writers) == 0 && !state.Cache.IsInherited(node)) || request is LocalRequest)
                {
                    return SeekStored(node, offset, whence, out position);
                }
            }
            ParkedRequest parked = request.Park();
            Kernel.WriteBack(node, () => CompleteSeek(parked, node, offset, whence));
            return Vfs.Vfs.Parked;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    private void CompleteSeek(ParkedRequest parked, ulong node, ulong offset, int whence)
    {
        Errno error;
        ulong position = 0;
        try
        {
            error = SeekStored(node, offset, whence, out position);
        }
        catch (StoreException e)
        {
            error = Fail(e);
        }
        if (error == Errno.Ok)
        {
            parked.CompletePosition(position);
        }
        else
        {
            parked.Complete(error);
        }
    }

    private Errno SeekStored(ulong node, ulong offset, int whence, out ulong position)
    {
        position = 0;
        using InodeLease lease = Pin(node);
        Inode inode = lease.Inode;
        lock (inode)
        {
            if (offset >= inode.Size)
            {
                return Errno.ENXIO;
            }
            if (whence == SeekData)
            {
                if (!Extents.TryFrom(inode, offset / Extent.BlockSize, out Extent extent) || extent.Block * Extent.BlockSize >= inode.Size)
                {
                    return Errno.ENXIO;
                }
                position = Math.Max(offset, extent.Block * Extent.BlockSize);
                return Errno.Ok;
            }
            if (whence != SeekHole)
            {
                return Errno.EINVAL;
            }
            ulong block = offset / Extent.BlockSize;
            while (Extents.TryFrom(inode, block, out Extent extent) && extent.Block <= block)
            {
                block = extent.End;
            }
            position = Math.Min(inode.Size, Math.Max(offset, block * Extent.BlockSize));
            return Errno.Ok;
        }
    }

    /// <summary>
    /// Sent again, it is done again from the start: the kernel holds the target's inode lock until it has the answer, so nobody else can have written there. The same goes
    /// for <see cref="Fallocate"/>.
    /// </summary>
    public override Errno CopyFileRange(Request request, ulong node, ulong handle, ulong offset, ulong toNode, ulong toHandle, ulong toOffset, ulong length, out uint count)
    {
        count = 0;
        using var buffer = new NativeBuffer(Content.MaxRequest);
        length = Math.Min(length, CopyAtOnce);
        while (count < length)
        {
            // Whole blocks of the target where it is aligned, so that nothing is merged twice.
            int want = (int)Math.Min(length - count, (ulong)Content.MaxRequest - toOffset % Extent.BlockSize);
            Errno error = Read(request, node, handle, offset, buffer.Span[..want], out int got);
            if (error == Errno.Ok && got > 0)
            {
                error = WriteNow(request, toNode, toOffset, buffer.Span[..got], false, out got);
            }
            if (error != Errno.Ok)
            {
                return count > 0 ? Errno.Ok : error;
            }
            if (got == 0)
            {
                break;
            }
            count += (uint)got;
            offset += (ulong)got;
            toOffset += (ulong)got;
        }
        return Errno.Ok;
    }
}

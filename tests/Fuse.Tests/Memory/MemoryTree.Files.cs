using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Memory;

internal partial class MemoryTree
{
    private const int Truncate = 0x200;
    private const uint KeepSize = 1, PunchHole = 2, ZeroRange = 16;

    public override Errno Open(Request request, ulong node, int flags, bool killSuidGid, out OpenReply reply)
    {
        reply = new OpenReply { Flags = OpenReplyFlags.KeepCache };
        lock (gate)
        {
            if (File(node) is not { } file)
                return Errno.ENOENT;
            if ((flags & Truncate) != 0)
            {
                file.Resize(0);
            }

            Kill(file, killSuidGid);
            file.Opens++;
            return Errno.Ok;
        }
    }

    public override Errno Create(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        reply = new OpenReply { Flags = OpenReplyFlags.KeepCache };
        entry = default;
        lock (gate)
        {
            if (Folder(parent) is not { Attr.Nlink: > 0 } folder)
                return Errno.ENOENT;
            if (folder.Child(name) is not null)
                return Errno.EEXIST;

            MemoryNode made = New(request, folder, ClawFS.Vfs.FileMode.Regular | (mode & ClawFS.Vfs.FileMode.PermMask));
            made.Opens++;
            folder.Add(name, made);
            entry = Give(made);
            return Errno.Ok;
        }
    }

    public override Errno TmpFile(Request request, ulong parent, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        reply = new OpenReply { Flags = OpenReplyFlags.KeepCache };
        entry = default;
        lock (gate)
        {
            if (Folder(parent) is not { } folder)
                return Errno.ENOENT;

            MemoryNode made = New(request, folder, ClawFS.Vfs.FileMode.Regular | (mode & ClawFS.Vfs.FileMode.PermMask));
            made.Attr.Nlink = 0;
            made.Opens++;
            entry = Give(made);
            return Errno.Ok;
        }
    }

    public override void Release(Request request, ulong node, ulong handle, int flags)
    {
        lock (gate)
        {
            if (File(node) is { } file)
            {
                file.Opens = Math.Max(0, file.Opens - 1);
                DropIfUnused(file);
            }
        }
    }

    public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        lock (gate)
        {
            if (File(node) is not { } file)
                return Errno.EBADF;
            if (offset >= file.Attr.Size)
                return Errno.Ok;

            count = (int)Math.Min((ulong)buffer.Length, file.Attr.Size - offset);
            file.Data.AsSpan((int)offset, count).CopyTo(buffer);
            return Errno.Ok;
        }
    }

    public override Errno Write(
        Request request, ulong node, ulong handle, ulong offset, ReadOnlySpan<byte> data, bool fromCache, bool killSuidGid, out int count)
    {
        count = 0;
        lock (gate)
        {
            if (File(node) is not { } file)
                return Errno.EBADF;
            if (offset > MaxSize || offset + (ulong)data.Length > MaxSize)
                return Errno.EFBIG;
            if (offset + (ulong)data.Length > file.Attr.Size)
            {
                file.Resize(offset + (ulong)data.Length);
            }

            data.CopyTo(file.Data.AsSpan((int)offset));
            Kill(file, killSuidGid);
            file.Attr.Mtime = file.Attr.Ctime = Timestamp.Now;
            count = data.Length;
            return Errno.Ok;
        }
    }

    public override Errno Fallocate(Request request, ulong node, ulong handle, ulong offset, ulong length, uint mode)
    {
        lock (gate)
        {
            if (File(node) is not { } file)
                return Errno.EBADF;
            if (offset > MaxSize || length > MaxSize || offset + length > MaxSize)
                return Errno.EFBIG;
            if ((mode & KeepSize) == 0 && offset + length > file.Attr.Size)
            {
                file.Resize(offset + length);
            }

            if ((mode & (PunchHole | ZeroRange)) != 0 && offset < file.Attr.Size)
            {
                file.Data.AsSpan((int)offset, (int)Math.Min(length, file.Attr.Size - offset)).Clear();
            }

            return (mode & ~(KeepSize | PunchHole | ZeroRange)) == 0 ? Errno.Ok : Errno.EOPNOTSUPP;
        }
    }

    /// <summary>Everything up to the end is data.</summary>
    public override Errno Seek(Request request, ulong node, ulong handle, ulong offset, int whence, out ulong position)
    {
        position = 0;
        lock (gate)
        {
            if (File(node) is not { } file)
                return Errno.EBADF;
            if (offset >= file.Attr.Size)
                return Errno.ENXIO;

            position = whence == 3 ? offset : file.Attr.Size;
            return Errno.Ok;
        }
    }

    public override Errno CopyFileRange(
        Request request, ulong node, ulong handle, ulong offset, ulong toNode, ulong toHandle, ulong toOffset, ulong length, out uint count)
    {
        count = 0;
        lock (gate)
        {
            if (File(node) is not { } from || File(toNode) is not { } to)
                return Errno.EBADF;
            if (offset >= from.Attr.Size)
                return Errno.Ok;

            ulong bytes = Math.Min(length, from.Attr.Size - offset);
            if (toOffset > MaxSize || toOffset + bytes > MaxSize)
                return Errno.EFBIG;
            if (toOffset + bytes > to.Attr.Size)
            {
                to.Resize(toOffset + bytes);
            }

            from.Data.AsSpan((int)offset, (int)bytes).CopyTo(to.Data.AsSpan((int)toOffset));
            count = (uint)bytes;
            return Errno.Ok;
        }
    }

    private static void Kill(MemoryNode file, bool kill)
    {
        if (kill)
        {
            bool executable = (file.Attr.Mode & ClawFS.Vfs.FileMode.GroupExec) != 0;
            file.Attr.Mode &= ~(ClawFS.Vfs.FileMode.SetUid | (executable ? ClawFS.Vfs.FileMode.SetGid : 0));
        }
    }
}

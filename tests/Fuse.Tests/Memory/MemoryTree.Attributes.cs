using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Memory;

internal partial class MemoryTree
{
    public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds)
    {
        attrSeconds = Seconds;
        attr = default;
        lock (gate)
        {
            if (!nodes.TryGetValue(node, out MemoryNode? found))
                return Errno.ENOENT;

            attr = found.Attr;
            return Errno.Ok;
        }
    }

    public override Errno SetAttr(Request request, ulong node, in SetAttr set, out Attr attr, out uint attrSeconds)
    {
        attrSeconds = Seconds;
        attr = default;
        lock (gate)
        {
            if (!nodes.TryGetValue(node, out MemoryNode? found))
                return Errno.ENOENT;
            if ((set.Fields & SetAttrFields.Size) != 0)
            {
                if (!ClawFS.Vfs.FileMode.IsRegular(found.Attr.Mode))
                    return Errno.EINVAL;
                if (set.Size > MaxSize)
                    return Errno.EFBIG;

                found.Resize(set.Size);
            }

            Apply(ref found.Attr, set);
            attr = found.Attr;
            return Errno.Ok;
        }
    }

    private static void Apply(ref Attr attr, in SetAttr set)
    {
        static bool Has(SetAttrFields field, SetAttrFields all) => (all & field) != 0;
        Timestamp now = Timestamp.Now;
        SetAttrFields f = set.Fields;
        if (Has(SetAttrFields.Mode, f))
            attr.Mode = (attr.Mode & ClawFS.Vfs.FileMode.TypeMask) | (set.Mode & ClawFS.Vfs.FileMode.PermMask);
        if (Has(SetAttrFields.Uid, f))
            attr.Uid = set.Uid;
        if (Has(SetAttrFields.Gid, f))
            attr.Gid = set.Gid;
        if (Has(SetAttrFields.Atime, f))
            attr.Atime = Has(SetAttrFields.AtimeNow, f) ? now : set.Atime;
        if (Has(SetAttrFields.Mtime, f))
            attr.Mtime = Has(SetAttrFields.MtimeNow, f) ? now : set.Mtime;
        if (Has(SetAttrFields.KillSuidGid, f))
            attr.Mode &= ~(ClawFS.Vfs.FileMode.SetUid | ClawFS.Vfs.FileMode.SetGid);
        attr.Ctime = Has(SetAttrFields.Ctime, f) ? set.Ctime : now;
    }

    public override Errno ReadLink(Request request, ulong node, Span<byte> target, out int length)
    {
        length = 0;
        lock (gate)
        {
            if (!nodes.TryGetValue(node, out MemoryNode? found) || !ClawFS.Vfs.FileMode.IsSymLink(found.Attr.Mode))
                return Errno.EINVAL;

            found.Data.CopyTo(target);
            length = found.Data.Length;
            return Errno.Ok;
        }
    }

    public override Errno StatFs(Request request, ulong node, out StatFs stat)
    {
        stat = new StatFs { BlockSize = 4096, Blocks = 1 << 20, Free = 1 << 19, Available = 1 << 19, Files = 1 << 20, FilesFree = 1 << 19, NameLength = 255 };
        return Errno.Ok;
    }

    public override Errno SetXattr(Request request, ulong node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags)
    {
        lock (gate)
        {
            if (!nodes.TryGetValue(node, out MemoryNode? found))
                return Errno.ENOENT;

            byte[] key = name.ToArray();
            bool exists = found.Xattrs.ContainsKey(key);
            if (flags == 1 && exists)
                return Errno.EEXIST;
            if (flags == 2 && !exists)
                return Errno.ENODATA;

            found.Xattrs[key] = value.ToArray();
            return Errno.Ok;
        }
    }

    public override Errno GetXattr(Request request, ulong node, ReadOnlySpan<byte> name, Span<byte> buffer, out int length)
    {
        length = 0;
        lock (gate)
        {
            if (!nodes.TryGetValue(node, out MemoryNode? found))
                return Errno.ENOENT;
            if (!found.Xattrs.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out byte[]? value))
                return Errno.ENODATA;

            length = value.Length;
            return buffer.IsEmpty || value.AsSpan().TryCopyTo(buffer) ? Errno.Ok : Errno.ERANGE;
        }
    }

    public override Errno ListXattr(Request request, ulong node, Span<byte> buffer, out int length)
    {
        length = 0;
        lock (gate)
        {
            if (!nodes.TryGetValue(node, out MemoryNode? found))
                return Errno.ENOENT;

            byte[] all = [.. found.Xattrs.Keys.SelectMany(name => name.Append((byte)0))];
            length = all.Length;
            return buffer.IsEmpty || all.AsSpan().TryCopyTo(buffer) ? Errno.Ok : Errno.ERANGE;
        }
    }

    public override Errno RemoveXattr(Request request, ulong node, ReadOnlySpan<byte> name)
    {
        lock (gate)
        {
            if (!nodes.TryGetValue(node, out MemoryNode? found))
                return Errno.ENOENT;

            return found.Xattrs.Remove(name.ToArray()) ? Errno.Ok : Errno.ENODATA;
        }
    }

    public override Errno ReadDir(Request request, ulong node, ulong cookie, DirSink sink)
    {
        lock (gate)
        {
            if (Folder(node) is not { } folder)
                return Errno.ENOTDIR;
            if (cookie < 1 && !sink.Add("."u8, node, folder.Attr.Mode, 1))
                return Errno.Ok;
            if (cookie < 2 && !sink.Add(".."u8, folder.Parent.Attr.Ino, folder.Parent.Attr.Mode, 2))
                return Errno.Ok;

            foreach ((ulong next, byte[] name, MemoryNode child) in folder.After(Math.Max(cookie, 2)))
            {
                if (!sink.Plus)
                {
                    if (!sink.Add(name, child.Attr.Ino, child.Attr.Mode, next))
                        break;

                    continue;
                }

                Entry entry = Give(child);
                if (!sink.AddPlus(name, entry, next))
                {
                    child.Lookups--;
                    break;
                }
            }

            return Errno.Ok;
        }
    }
}

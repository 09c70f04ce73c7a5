using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;
using FileMode = ClawFS.Vfs.FileMode;

namespace ClawFS.Store.Tests.Ops;

/// <summary>Calls a stored tree as the kernel would. Names are Latin-1, so that any bytes can be written as text.</summary>
internal sealed class TreeUser(StoredTree tree, uint uid = 0, uint gid = 0)
{
    public const uint NoReplace = 1, Exchange = 2;
    private readonly LocalRequest request = new(uid, gid);

    public static ulong Root => StoredTree.RootFolder;
    public LocalRequest Request => request;

    public static byte[] Bytes(string name) => Encoding.Latin1.GetBytes(name);

    public static void Ok(Errno error) => Assert.Equal(Errno.Ok, error);

    public ulong File(ulong parent, string name, uint mode = 0x1A4)
    {
        Ok(tree.Create(request, parent, Bytes(name), mode, 0, out Entry entry, out _));
        return entry.Node;
    }

    public ulong Folder(ulong parent, string name, uint mode = 0x1ED)
    {
        Ok(tree.MkDir(request, parent, Bytes(name), mode, out Entry entry));
        return entry.Node;
    }

    public ulong Link(ulong parent, string name, string target)
    {
        Ok(tree.SymLink(request, parent, Bytes(name), Bytes(target), out Entry entry));
        return entry.Node;
    }

    /// <summary>The node behind a name, 0 if there is none. Takes a reference, as LOOKUP does.</summary>
    public ulong Find(ulong parent, string name)
    {
        Ok(tree.Lookup(request, parent, Bytes(name), out Entry entry));
        return entry.Node;
    }

    /// <summary>The node behind a path of existing folders, without keeping references.</summary>
    public ulong Peek(ulong parent, string path)
    {
        foreach (string name in path.Split('/'))
        {
            parent = parent == 0 ? 0 : Find(parent, name);
            if (parent != 0)
            {
                tree.Forget(parent, 1);
            }
        }
        return parent;
    }

    public void Forget(ulong node, ulong count = 1) => tree.Forget(node, count);

    public Attr Attr(ulong node)
    {
        Ok(tree.GetAttr(request, node, 0, out Attr attr, out _));
        return attr;
    }

    public void Write(ulong node, ulong offset, ReadOnlySpan<byte> data)
    {
        Ok(tree.Write(request, node, 0, offset, data, false, false, out int count));
        Assert.Equal(data.Length, count);
    }

    public byte[] Read(ulong node, ulong offset, int length)
    {
        byte[] buffer = new byte[length];
        Ok(tree.Read(request, node, 0, offset, buffer, out int count));
        return buffer[..count];
    }

    public byte[] ReadAll(ulong node)
    {
        const int atOnce = 1 << 20;
        byte[] all = new byte[checked((int)Attr(node).Size)];
        for (int at = 0; at < all.Length; at += atOnce)
        {
            Read(node, (ulong)at, Math.Min(atOnce, all.Length - at)).CopyTo(all, at);
        }
        return all;
    }

    public Errno Truncate(ulong node, ulong size) =>
        tree.SetAttr(request, node, new SetAttr { Fields = SetAttrFields.Size, Size = size }, out _, out _);

    public Errno Chmod(ulong node, uint mode) =>
        tree.SetAttr(request, node, new SetAttr { Fields = SetAttrFields.Mode, Mode = mode }, out _, out _);

    public Errno Unlink(ulong parent, string name) => tree.Unlink(request, parent, Bytes(name));

    public Errno RmDir(ulong parent, string name) => tree.RmDir(request, parent, Bytes(name));

    public Errno Rename(ulong parent, string name, ulong newParent, string newName, uint flags = 0) =>
        tree.Rename(request, parent, Bytes(name), newParent, Bytes(newName), flags);

    public Errno HardLink(ulong node, ulong parent, string name)
    {
        Errno error = tree.Link(request, node, parent, Bytes(name), out Entry entry);
        if (error == Errno.Ok)
        {
            tree.Forget(entry.Node, 1);
        }
        return error;
    }

    public Errno SetXattr(ulong node, string name, byte[] value, int flags = 0) => tree.SetXattr(request, node, Bytes(name), value, flags);

    public byte[]? GetXattr(ulong node, string name)
    {
        Errno error = tree.GetXattr(request, node, Bytes(name), default, out int length);
        if (error == Errno.ENODATA)
        {
            return null;
        }
        Ok(error);
        byte[] value = new byte[length];
        Ok(length == 0 ? Errno.Ok : tree.GetXattr(request, node, Bytes(name), value, out length));
        return value[..length];
    }

    public Errno Fallocate(ulong node, ulong offset, ulong length, uint mode) => tree.Fallocate(request, node, 0, offset, length, mode);

    public ulong? Seek(ulong node, ulong offset, int whence)
    {
        Errno error = tree.Seek(request, node, 0, offset, whence, out ulong position);
        return error == Errno.ENXIO ? null : error == Errno.Ok ? position : throw new InvalidOperationException(error.ToString());
    }

    public void Fsync(ulong node) => Ok(request.Wait(tree.Fsync(request, node, 0, false)));

    /// <summary>All names of a folder but "." and "..", in the order of the tree, read with buffers of a few entries.</summary>
    public List<string> List(ulong folder, int entriesAtOnce = 7)
    {
        var names = new List<string>();
        ulong cookie = 0;
        while (true)
        {
            var sink = new ListSink(entriesAtOnce);
            Ok(tree.ReadDir(request, folder, cookie, sink));
            if (sink.Entries.Count == 0)
            {
                return names;
            }
            names.AddRange(sink.Entries.Select(static e => e.Name).Where(static n => n is not ("." or "..")));
            cookie = sink.Entries[^1].Next;
        }
    }

    /// <summary>One READDIR.</summary>
    public List<ListedName> ReadDir(ulong folder, ulong cookie, int entries, bool plus = false)
    {
        var sink = new ListSink(entries, plus);
        Ok(tree.ReadDir(request, folder, cookie, sink));
        return sink.Entries;
    }
}

internal readonly record struct ListedName(string Name, ulong Node, ulong Next, uint Mode, ulong Counted);

/// <summary>Takes a number of entries and then says that the buffer is full.</summary>
internal sealed class ListSink(int room, bool plus = false) : DirSink
{
    public List<ListedName> Entries { get; } = [];
    public override bool Plus => plus;

    public override bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie) =>
        Take(new(Encoding.Latin1.GetString(name), ino, nextCookie, mode & FileMode.TypeMask, 0));

    public override bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie) =>
        Take(new(Encoding.Latin1.GetString(name), entry.Attr.Ino, nextCookie, entry.Attr.Mode & FileMode.TypeMask, entry.Node));

    private bool Take(ListedName entry)
    {
        if (Entries.Count == room)
        {
            return false;
        }
        Entries.Add(entry);
        return true;
    }
}

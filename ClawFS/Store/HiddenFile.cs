using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Store;

/// <summary>
/// A file of the service itself, encrypted like any other but in a folder that no name of the mount leads to. One writer at a
/// time (its own lock), readers beside it. Used for the event log, the search index, and for where the background check stands.
/// </summary>
public sealed class HiddenFile
{
    private readonly StoredTree tree;
    private readonly LocalRequest request = new(0, 0);
    private readonly Lock guard = new();
    private readonly byte[] name;
    private ulong node;

    /// <summary>Opens the file, or makes it empty.</summary>
    /// <exception cref="StoreException">The store is full, damaged or read-only.</exception>
    public HiddenFile(StoredTree tree, string name)
    {
        this.tree = tree;
        this.name = System.Text.Encoding.UTF8.GetBytes(name);
        node = OpenOrCreate(this.name);
    }

    /// <summary>Whether there is such a file.</summary>
    /// <exception cref="StoreException">The store is damaged or closed.</exception>
    public static bool Exists(StoredTree tree, string name)
    {
        Check(tree.Lookup(new LocalRequest(0, 0), StoredTree.HiddenFolder, System.Text.Encoding.UTF8.GetBytes(name), out Entry entry));
        if (entry.Node != 0)
        {
            tree.Forget(entry.Node, 1);
        }
        return entry.Node != 0;
    }

    /// <summary>Length in bytes.</summary>
    public long Length
    {
        get
        {
            Check(tree.GetAttr(request, Volatile.Read(ref node), 0, out Attr attr, out _));
            return (long)attr.Size;
        }
    }

    /// <summary>Reads from an offset; fewer bytes mean the end.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        Check(tree.Read(request, Volatile.Read(ref node), 0, (ulong)offset, buffer, out int count));
        return count;
    }

    /// <summary>Appends.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (guard)
        {
            long offset = Length;
            while (!bytes.IsEmpty)
            {
                Check(tree.Write(request, node, 0, (ulong)offset, bytes[..Math.Min(bytes.Length, 1 << 20)], false, false, out int count));
                bytes = bytes[count..];
                offset += count;
            }
        }
    }

    /// <summary>Writes over the beginning, in one request: a crash leaves all of it or nothing.</summary>
    /// <param name="bytes">Up to 1 MiB.</param>
    public void Overwrite(ReadOnlySpan<byte> bytes)
    {
        lock (guard)
        {
            Check(tree.Write(request, node, 0, 0, bytes, false, false, out _));
        }
    }

    /// <summary>Writes at an offset, in one request: a crash leaves all of it or nothing.</summary>
    /// <param name="offset">Where; what lies between the end of the file and it becomes zeros.</param>
    /// <param name="bytes">Up to 1 MiB.</param>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (guard)
        {
            Check(tree.Write(request, node, 0, (ulong)offset, bytes, false, false, out _));
        }
    }

    /// <summary>Removes a file, if it is there. Whoever still has it open gets errors.</summary>
    /// <exception cref="StoreException">The store is damaged or read-only.</exception>
    public static void Delete(StoredTree tree, string name)
    {
        if (Exists(tree, name))
        {
            Check(tree.Unlink(new LocalRequest(0, 0), StoredTree.HiddenFolder, System.Text.Encoding.UTF8.GetBytes(name)));
        }
    }

    /// <summary>Cuts the file off.</summary>
    /// <param name="length">Bytes to keep, at most <see cref="Length"/>.</param>
    public void Truncate(long length)
    {
        lock (guard)
        {
            Check(tree.SetAttr(request, node, new SetAttr { Fields = SetAttrFields.Size, Size = (ulong)length }, out _, out _));
        }
    }

    /// <summary>Gives the content another name, replacing what had it, and goes on empty.</summary>
    public void Rotate(string archive)
    {
        lock (guard)
        {
            Check(tree.Rename(request, StoredTree.HiddenFolder, name, StoredTree.HiddenFolder, System.Text.Encoding.UTF8.GetBytes(archive), 0));
            Volatile.Write(ref node, OpenOrCreate(name));
        }
    }

    private ulong OpenOrCreate(ReadOnlySpan<byte> file)
    {
        Check(tree.Lookup(request, StoredTree.HiddenFolder, file, out Entry entry));
        if (entry.Node == 0)
        {
            Check(tree.Create(request, StoredTree.HiddenFolder, file, FileMode.Regular | 0x180, 0, out entry, out _));
        }
        // Its name keeps it; a reference would keep the content of an archive that is replaced until the store is closed.
        tree.Forget(entry.Node, 1);
        return entry.Node;
    }

    private static void Check(Errno error)
    {
        if (error != Errno.Ok)
        {
            throw new StoreException(error, $"a file of the service: {error}");
        }
    }
}

using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

/// <summary>A mount table with the few calls that programs make through the kernel.</summary>
internal sealed class Mount
{
    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Truncate = 0x200, Append = 0x400, NonBlocking = 0x800;

    public Mount(GeneratedFolder? root = null)
    {
        Table = new(root ?? new GeneratedFolder(), Stored, 1000, 1001);
    }

    public FakeStored Stored { get; } = new();
    public MountTable Table { get; }

    public Entry Lookup(string path, Request? request = null)
    {
        Entry entry = new() { Node = Vfs.RootNode };
        foreach (string name in path.Split('/'))
        {
            Errno error = Table.Lookup(request ?? new FakeRequest(), entry.Node, Encoding.UTF8.GetBytes(name), out entry);
            Assert.Equal(Errno.Ok, error);
        }
        return entry;
    }

    public Errno TryLookup(ulong parent, string name, Request? request = null) =>
        Table.Lookup(request ?? new FakeRequest(), parent, Encoding.UTF8.GetBytes(name), out _);

    public ulong Open(ulong node, int flags, Request? request = null)
    {
        Assert.Equal(Errno.Ok, Table.Open(request ?? new FakeRequest(), node, flags, false, out OpenReply reply));
        return reply.Handle;
    }

    public string Read(ulong node, ulong handle, ulong offset = 0)
    {
        byte[] buffer = new byte[65536];
        Assert.Equal(Errno.Ok, Table.Read(new FakeRequest(), node, handle, offset, buffer, out int count));
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    /// <summary>What cat(1) prints.</summary>
    public string Cat(string path)
    {
        ulong node = Lookup(path).Node;
        ulong handle = Open(node, ReadOnly);
        string text = Read(node, handle);
        Close(node, handle);
        return text;
    }

    public Errno Write(ulong node, ulong handle, string text, ulong offset = 0) => Write(node, handle, text, offset, out _);

    public Errno Write(ulong node, ulong handle, string text, ulong offset, out int count) =>
        Table.Write(new FakeRequest(), node, handle, offset, Encoding.UTF8.GetBytes(text), false, false, out count);

    public Errno Close(ulong node, ulong handle)
    {
        Errno error = Table.Flush(new FakeRequest(), node, handle);
        Table.Release(new FakeRequest(), node, handle, 0);
        return error;
    }

    /// <summary>A whole listing, sorted as ls(1) does.</summary>
    public List<string> List(ulong node, int room = int.MaxValue)
    {
        List<string> names = [];
        for (ulong cookie = 0; ReadDir(node, cookie, room) is { Names.Count: > 0 } page; cookie = page.Last)
        {
            names.AddRange(page.Names);
        }
        names.Sort(string.CompareOrdinal);
        return names;
    }

    /// <summary>One READDIR.</summary>
    public ListSink ReadDir(ulong node, ulong cookie, int room = int.MaxValue)
    {
        ListSink sink = new(room);
        Assert.Equal(Errno.Ok, Table.ReadDir(new FakeRequest(), node, cookie, sink));
        return sink;
    }

    /// <summary>The mtime that GETATTR tells.</summary>
    public Timestamp Mtime(ulong node)
    {
        Assert.Equal(Errno.Ok, Table.GetAttr(new FakeRequest(), node, 0, out Attr attr, out _));
        return attr.Mtime;
    }
}

using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

/// <summary>A stored tree of folders and empty files, with exact lookup counts.</summary>
internal sealed class FakeStored : NodeTree
{
    public const ulong Memory = 2;

    private readonly Dictionary<ulong, SortedDictionary<string, ulong>> folders = new() { [Memory] = [] };
    private readonly HashSet<ulong> files = [];
    private ulong last = Memory;

    public Dictionary<ulong, long> Lookups { get; } = [];
    /// <summary>The mtime of everything.</summary>
    public Timestamp Mtime { get; set; }
    public int Calls { get; private set; }

    public ulong Put(ulong folder, string name, bool isFolder = false)
    {
        ulong node = ++last;
        folders[folder][name] = node;
        if (isFolder)
        {
            folders[node] = [];
        }
        else
        {
            files.Add(node);
        }
        return node;
    }

    public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
    {
        Calls++;
        entry = default;
        if (!folders.TryGetValue(parent, out SortedDictionary<string, ulong>? names) || !names.TryGetValue(Encoding.UTF8.GetString(name), out ulong node))
        {
            return Errno.ENOENT;
        }
        entry = EntryOf(node);
        return Errno.Ok;
    }

    public override void Forget(ulong node, ulong count) => Lookups[node] = Lookups.GetValueOrDefault(node) - (long)count;

    public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds)
    {
        Calls++;
        attr = new Attr { Ino = node, Mode = folders.ContainsKey(node) ? FileMode.Directory | 0x1C0 : FileMode.Regular | 0x180, Nlink = 1, Mtime = Mtime };
        attrSeconds = 60;
        return folders.ContainsKey(node) || files.Contains(node) ? Errno.Ok : Errno.ENOENT;
    }

    public override Errno SetAttr(Request request, ulong node, in SetAttr set, out Attr attr, out uint attrSeconds) =>
        GetAttr(request, node, 0, out attr, out attrSeconds);

    public override Errno Create(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        reply = default;
        entry = EntryOf(Put(parent, Encoding.UTF8.GetString(name)));
        return Errno.Ok;
    }

    public override Errno Rename(Request request, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags)
    {
        folders[parent].Remove(Encoding.UTF8.GetString(name), out ulong node);
        folders[newParent][Encoding.UTF8.GetString(newName)] = node;
        return Errno.Ok;
    }

    public override Errno OpenDir(Request request, ulong node, out OpenReplyFlags caching)
    {
        caching = OpenReplyFlags.CacheDir | OpenReplyFlags.KeepCache;
        return Errno.Ok;
    }

    public override Errno ReadDir(Request request, ulong node, ulong cookie, DirSink sink)
    {
        ulong position = 0;
        foreach ((string name, ulong child) in folders[node])
        {
            if (++position <= cookie)
            {
                continue;
            }
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            if (!sink.Plus)
            {
                if (!sink.Add(bytes, child, FileMode.Regular, position))
                {
                    break;
                }
                continue;
            }
            Entry entry = EntryOf(child);
            if (!sink.AddPlus(bytes, entry, position))
            {
                Forget(child, 1);
                break;
            }
        }
        return Errno.Ok;
    }

    private Entry EntryOf(ulong node)
    {
        GetAttr(new FakeRequest(), node, 0, out Attr attr, out uint seconds);
        Lookups[node] = Lookups.GetValueOrDefault(node) + 1;
        return new Entry { Node = node, Attr = attr, EntrySeconds = seconds, AttrSeconds = seconds };
    }
}

using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Dispatch;

/// <summary>Answers with fixed values and writes down what it was asked, so that every field of both directions can be checked.</summary>
internal sealed class ScriptedTree : NodeTree
{
    public static readonly Attr Attr = new()
    {
        Ino = 0x0102030405060708,
        Size = 11,
        Blocks = 12,
        Atime = new Timestamp(-13, 14),
        Mtime = new Timestamp(15, 16),
        Ctime = new Timestamp(17, 18),
        Btime = new Timestamp(19, 20),
        Mode = 0x81A4,
        Nlink = 21,
        Uid = 22,
        Gid = 23,
        Rdev = 0x12345678,
    };

    private static readonly Entry Given = new() { Node = 77, Generation = 5, Attr = Attr, EntrySeconds = 30, AttrSeconds = 40 };
    private static readonly OpenReply Opened = new() { Handle = 0xABCDEF, Flags = OpenReplyFlags.KeepCache | OpenReplyFlags.DirectIo };

    public List<string> Log { get; } = [];

    public string Last => Log[^1];

    private Errno Note(Request r, string what)
    {
        Log.Add($"{r.Uid}:{r.Gid}:{r.Pid} {what}");
        return Errno.Ok;
    }

    private static string S(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    public override Errno Lookup(Request r, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
    {
        entry = name.SequenceEqual("negative"u8) ? new Entry { EntrySeconds = 9 } : Given;
        return Note(r, $"lookup {parent} {S(name)}");
    }

    public override void Forget(ulong node, ulong count) => Log.Add($"forget {node} {count}");

    public override Errno GetAttr(Request r, ulong node, ulong handle, out Attr attr, out uint attrSeconds)
    {
        (attr, attrSeconds) = (Attr, 50);
        return Note(r, $"getattr {node} {handle}");
    }

    public override Errno SetAttr(Request r, ulong node, in SetAttr s, out Attr attr, out uint attrSeconds)
    {
        (attr, attrSeconds) = (Attr, 50);
        return Note(r, $"setattr {node} {(uint)s.Fields} {s.Handle} {s.Size} {s.Atime} {s.Mtime} {s.Ctime} {s.Mode} {s.Uid} {s.Gid}");
    }

    public override Errno ReadLink(Request r, ulong node, Span<byte> target, out int length)
    {
        Assert.True(target.Length >= 4096);
        "there"u8.CopyTo(target);
        length = 5;
        return Note(r, $"readlink {node}");
    }

    public override Errno SymLink(Request r, ulong parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out Entry entry)
    {
        entry = Given;
        return Note(r, $"symlink {parent} {S(name)} {S(target)}");
    }

    public override Errno MkNod(Request r, ulong parent, ReadOnlySpan<byte> name, uint mode, uint rdev, out Entry entry)
    {
        entry = Given;
        return Note(r, $"mknod {parent} {S(name)} {mode} {rdev}");
    }

    public override Errno MkDir(Request r, ulong parent, ReadOnlySpan<byte> name, uint mode, out Entry entry)
    {
        entry = Given;
        return Note(r, $"mkdir {parent} {S(name)} {mode}");
    }

    public override Errno Unlink(Request r, ulong parent, ReadOnlySpan<byte> name) => Note(r, $"unlink {parent} {S(name)}");

    public override Errno RmDir(Request r, ulong parent, ReadOnlySpan<byte> name) => Note(r, $"rmdir {parent} {S(name)}");

    public override Errno Rename(Request r, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags) =>
        Note(r, $"rename {parent} {S(name)} {newParent} {S(newName)} {flags}");

    public override Errno Link(Request r, ulong node, ulong newParent, ReadOnlySpan<byte> newName, out Entry entry)
    {
        entry = Given;
        return Note(r, $"link {node} {newParent} {S(newName)}");
    }

    public override Errno Open(Request r, ulong node, int flags, bool killSuidGid, out OpenReply reply)
    {
        reply = Opened;
        return Note(r, $"open {node} {flags} {killSuidGid}");
    }

    public override Errno Create(Request r, ulong parent, ReadOnlySpan<byte> name, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        (entry, reply) = (Given, Opened);
        return Note(r, $"create {parent} {S(name)} {mode} {flags}");
    }

    public override Errno TmpFile(Request r, ulong parent, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        (entry, reply) = (Given, Opened);
        return Note(r, $"tmpfile {parent} {mode} {flags}");
    }

    public override Errno Read(Request r, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count)
    {
        "data"u8.CopyTo(buffer);
        count = 4;
        return Note(r, $"read {node} {handle} {offset} {buffer.Length}");
    }

    public override Errno Write(Request r, ulong node, ulong handle, ulong offset, ReadOnlySpan<byte> data, bool fromCache, bool killSuidGid, out int count)
    {
        count = data.Length;
        return Note(r, $"write {node} {handle} {offset} {S(data)} {fromCache} {killSuidGid}");
    }

    public override Errno Flush(Request r, ulong node, ulong handle) => Note(r, $"flush {node} {handle}");

    public override Errno Fsync(Request r, ulong node, ulong handle, bool dataOnly) => Note(r, $"fsync {node} {handle} {dataOnly}");

    public override void Release(Request r, ulong node, ulong handle, int flags) => Note(r, $"release {node} {handle} {flags}");

    public override Errno OpenDir(Request r, ulong node, out OpenReplyFlags caching)
    {
        caching = OpenReplyFlags.CacheDir | OpenReplyFlags.KeepCache;
        return Note(r, $"opendir {node}");
    }

    public override Errno ReadDir(Request r, ulong node, ulong cookie, DirSink sink)
    {
        Note(r, $"readdir {node} {cookie} {sink.Plus}");
        _ = cookie < 1 && sink.Add("."u8, 1, 0x4000, 1) && sink.AddPlus("12345678"u8, Given, 2) && sink.AddPlus("x"u8, Given, 3);
        return Errno.Ok;
    }

    public override Errno FsyncDir(Request r, ulong node) => Note(r, $"fsyncdir {node}");

    public override Errno SyncFs(Request r, ulong node) => Note(r, $"syncfs {node}");

    public override Errno StatFs(Request r, ulong node, out StatFs stat)
    {
        stat = new StatFs { BlockSize = 1, Blocks = 2, Free = 3, Available = 4, Files = 5, FilesFree = 6, NameLength = 7 };
        return Note(r, $"statfs {node}");
    }

    public override Errno SetXattr(Request r, ulong node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags) =>
        Note(r, $"setxattr {node} {S(name)} {S(value)} {flags}");

    public override Errno GetXattr(Request r, ulong node, ReadOnlySpan<byte> name, Span<byte> buffer, out int length)
    {
        length = 3;
        Note(r, $"getxattr {node} {S(name)} {buffer.Length}");
        return buffer.IsEmpty || "val"u8.TryCopyTo(buffer) ? Errno.Ok : Errno.ERANGE;
    }

    public override Errno ListXattr(Request r, ulong node, Span<byte> buffer, out int length)
    {
        length = 7;
        Note(r, $"listxattr {node} {buffer.Length}");
        return buffer.IsEmpty || "user.a\0"u8.TryCopyTo(buffer) ? Errno.Ok : Errno.ERANGE;
    }

    public override Errno RemoveXattr(Request r, ulong node, ReadOnlySpan<byte> name) => Note(r, $"removexattr {node} {S(name)}");

    public override Errno Fallocate(Request r, ulong node, ulong handle, ulong offset, ulong length, uint mode) =>
        Note(r, $"fallocate {node} {handle} {offset} {length} {mode}");

    public override Errno Seek(Request r, ulong node, ulong handle, ulong offset, int whence, out ulong position)
    {
        position = 4096;
        return Note(r, $"seek {node} {handle} {offset} {whence}");
    }

    public override Errno CopyFileRange(
        Request r, ulong node, ulong handle, ulong offset, ulong toNode, ulong toHandle, ulong toOffset, ulong length, out uint count)
    {
        count = 33;
        return Note(r, $"copy {node} {handle} {offset} {toNode} {toHandle} {toOffset} {length}");
    }

    public override Errno Poll(Request r, ulong node, ulong handle, ulong pollHandle, bool wakeup, uint wanted, out uint ready)
    {
        ready = 1;
        return Note(r, $"poll {node} {handle} {pollHandle} {wakeup} {wanted}");
    }

    public override void Destroy() => Log.Add("destroy");
}

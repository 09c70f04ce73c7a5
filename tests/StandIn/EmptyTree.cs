using ClawFS.Linux;
using ClawFS.Vfs;
using FileMode = ClawFS.Vfs.FileMode;

namespace StandIn;

/// <summary>A root folder with nothing in it.</summary>
internal sealed class EmptyTree : NodeTree
{
    public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds)
    {
        attrSeconds = 1;
        attr = new Attr { Ino = node, Mode = FileMode.Directory | 0x1ED, Nlink = 2 };
        return node == 1 ? Errno.Ok : Errno.ENOENT;
    }

    public override Errno ReadDir(Request request, ulong node, ulong cookie, DirSink sink)
    {
        _ = cookie == 0 && sink.Add("."u8, 1, FileMode.Directory, 1) && sink.Add(".."u8, 1, FileMode.Directory, 2);
        return Errno.Ok;
    }
}

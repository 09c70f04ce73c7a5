using System.Text;

namespace ClawOS.Mounting.Posix;

public static partial class Sys
{
    public const uint NoReplace = 1, Exchange = 2, WhiteOut = 4;
    public const int SymlinkFollow = 0x400, EmptyPath = 0x1000;

    public static Reply MkDir(string path, uint mode) => Reply.Of(Native.MkDir(PathBytes.Z(path), mode));
    public static Reply RmDir(string path) => Reply.Of(Native.RmDir(PathBytes.Z(path)));
    public static Reply Unlink(string path) => Reply.Of(Native.Unlink(PathBytes.Z(path)));
    public static Reply Link(string from, string to, int flags = 0) => Reply.Of(Native.LinkAt(AtCwd, PathBytes.Z(from), AtCwd, PathBytes.Z(to), flags));
    public static Reply LinkFd(int fd, string to) => Reply.Of(Native.LinkAt(fd, PathBytes.Z(""), AtCwd, PathBytes.Z(to), EmptyPath));
    public static Reply SymLink(string target, string path) => Reply.Of(Native.SymLink(PathBytes.Z(target), PathBytes.Z(path)));
    public static Reply Rename(string from, string to, uint flags = 0) =>
        Reply.Of(Native.RenameAt2(AtCwd, PathBytes.Z(from), AtCwd, PathBytes.Z(to), flags));
    public static Reply MkNod(string path, uint mode, uint major = 0, uint minor = 0) =>
        Reply.Of(Native.MkNod(PathBytes.Z(path), mode, (major << 8) | minor));
    public static Reply ChDir(string path) => Reply.Of(Native.ChDir(PathBytes.Z(path)));
    public static uint Umask(uint mask) => Native.Umask(mask);

    public static Reply ReadLink(string path, out string target)
    {
        byte[] buffer = new byte[4200];
        Reply reply = Reply.Of(Native.ReadLink(PathBytes.Z(path), buffer, buffer.Length));
        target = reply.Failed ? "" : Encoding.Latin1.GetString(buffer, 0, (int)reply.Value);
        return reply;
    }
}

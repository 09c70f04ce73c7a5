using System.Text;

namespace ClawOS.Mounting.Posix;

public static partial class Sys
{
    /// <summary>utimensat's special nanoseconds: set to now, leave alone.</summary>
    public const long TimeNow = 0x3FFFFFFF, TimeOmit = 0x3FFFFFFE;
    public const int XattrCreate = 1, XattrReplace = 2;

    public static Reply ChMod(string path, uint mode) => Reply.Of(Native.ChMod(PathBytes.Z(path), mode));
    public static Reply FChMod(int fd, uint mode) => Reply.Of(Native.FChMod(fd, mode));
    public static Reply ChOwn(string path, uint uid, uint gid) => Reply.Of(Native.FChOwnAt(AtCwd, PathBytes.Z(path), uid, gid, 0));
    public static Reply LChOwn(string path, uint uid, uint gid) => Reply.Of(Native.FChOwnAt(AtCwd, PathBytes.Z(path), uid, gid, Stat.NoFollow));
    public static Reply FChOwn(int fd, uint uid, uint gid) => Reply.Of(Native.FChOwn(fd, uid, gid));
    public static Reply Access(string path, int mode) => Reply.Of(Native.Access(PathBytes.Z(path), mode));

    /// <summary>utimensat: {atime s, atime ns, mtime s, mtime ns}; empty means now for both (NULL).</summary>
    public static Reply UTimes(string path, ReadOnlySpan<long> times, bool follow = true)
    {
        int flags = follow ? 0 : Stat.NoFollow;
        // An empty span is not marshalled as a null pointer.
        return Reply.Of(times.IsEmpty
            ? Native.UTimeNsAt(AtCwd, PathBytes.Z(path), 0, flags)
            : Native.UTimeNsAt(AtCwd, PathBytes.Z(path), times, flags));
    }
    public static Reply FUTimes(int fd, ReadOnlySpan<long> times) => Reply.Of(Native.FUTimeNs(fd, times));

    public static Reply SetXattr(string path, string name, ReadOnlySpan<byte> value, int flags = 0, bool follow = true) => Reply.Of(follow
        ? Native.SetXattr(PathBytes.Z(path), PathBytes.Z(name), value, value.Length, flags)
        : Native.LSetXattr(PathBytes.Z(path), PathBytes.Z(name), value, value.Length, flags));
    public static Reply FSetXattr(int fd, string name, ReadOnlySpan<byte> value, int flags = 0) =>
        Reply.Of(Native.FSetXattr(fd, PathBytes.Z(name), value, value.Length, flags));
    public static Reply RemoveXattr(string path, string name) => Reply.Of(Native.RemoveXattr(PathBytes.Z(path), PathBytes.Z(name)));

    /// <summary>getxattr into a buffer of that length; empty asks for the size.</summary>
    public static Reply GetXattr(string path, string name, Span<byte> value, bool follow = true) => Reply.Of(follow
        ? Native.GetXattr(PathBytes.Z(path), PathBytes.Z(name), value, value.Length)
        : Native.LGetXattr(PathBytes.Z(path), PathBytes.Z(name), value, value.Length));

    public static Reply ListXattr(string path, Span<byte> names) => Reply.Of(Native.ListXattr(PathBytes.Z(path), names, names.Length));

    /// <summary>The names of a file's attributes that an ordinary user sees, sorted.</summary>
    public static Reply ListXattr(string path, out string[] names)
    {
        byte[] buffer = new byte[65536];
        Reply reply = ListXattr(path, buffer);
        names = reply.Failed ? [] : Encoding.Latin1.GetString(buffer, 0, (int)reply.Value).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Array.Sort(names, string.CompareOrdinal);
        return reply;
    }
}

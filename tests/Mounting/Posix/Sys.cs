namespace ClawOS.Mounting.Posix;

/// <summary>Files and descriptors by system call, without what System.IO adds (sharing locks, retries, path rewriting).</summary>
public static partial class Sys
{
    public const int AtCwd = -100;
    public const int RdOnly = 0, WrOnly = 1, RdWr = 2, Creat = 0x40, Excl = 0x80, Trunc = 0x200, Append = 0x400, NonBlock = 0x800;
    public const int SeekSet = 0, SeekCur = 1, SeekEnd = 2, SeekData = 3, SeekHole = 4;
    public const int KeepSize = 1, PunchHole = 2, ZeroRange = 16;

    // O_DIRECTORY and O_NOFOLLOW differ between x86 and arm64 (asm/fcntl.h).
    private static readonly bool Arm = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
        == System.Runtime.InteropServices.Architecture.Arm64;
    public static readonly int Directory = Arm ? 0x4000 : 0x10000;
    public static readonly int NoFollow = Arm ? 0x8000 : 0x20000;
    public static readonly int TmpFile = 0x400000 | Directory;
    public const int CloExec = 0x80000, PathOnly = 0x200000, Sync = 0x101000;

    public static Reply Open(string path, int flags, uint mode = 0) => Reply.Of(Native.Open(PathBytes.Z(path), flags | CloExec, mode));
    public static Reply Close(int fd) => Reply.Of(Native.Close(fd));
    public static Reply Read(int fd, Span<byte> data) => Reply.Of(Native.Read(fd, data, data.Length));
    public static Reply Write(int fd, ReadOnlySpan<byte> data) => Reply.Of(Native.Write(fd, data, data.Length));
    public static Reply PRead(int fd, Span<byte> data, long offset) => Reply.Of(Native.PRead(fd, data, data.Length, offset));
    public static Reply PWrite(int fd, ReadOnlySpan<byte> data, long offset) => Reply.Of(Native.PWrite(fd, data, data.Length, offset));
    public static Reply LSeek(int fd, long offset, int whence) => Reply.Of(Native.LSeek(fd, offset, whence));
    public static Reply FSync(int fd) => Reply.Of(Native.FSync(fd));
    public static Reply FDataSync(int fd) => Reply.Of(Native.FDataSync(fd));
    public static Reply FTruncate(int fd, long length) => Reply.Of(Native.FTruncate(fd, length));
    public static Reply Truncate(string path, long length) => Reply.Of(Native.Truncate(PathBytes.Z(path), length));
    public static Reply FAllocate(int fd, int mode, long offset, long length) => Reply.Of(Native.FAllocate(fd, mode, offset, length));
    public static Reply FLock(int fd, int operation) => Reply.Of(Native.FLock(fd, operation));

    public static Reply CopyFileRange(int from, long fromOffset, int to, long toOffset, long length) =>
        Reply.Of(Native.CopyFileRange(from, ref fromOffset, to, ref toOffset, (nint)length, 0));

    /// <summary>The file system's magic number (statfs(2) f_type), 0 where the path does not exist.</summary>
    public static long FileSystemMagic(string path)
    {
        Span<byte> buffer = stackalloc byte[256];
        return Native.StatFs(PathBytes.Z(path), buffer) == 0 ? BitConverter.ToInt64(buffer) : 0;
    }

    /// <summary>Binds a Unix stream socket at <paramref name="path"/> (at most 107 bytes) and closes the descriptor; the name stays.</summary>
    public static Reply BindSocket(string path)
    {
        byte[] address = new byte[2 + 108];
        address[0] = 1;
        PathBytes.Z(path).CopyTo(address, 2);
        int fd = (int)Reply.Of(Native.Socket(1, 1, 0)).Must("socket");
        Reply reply = Reply.Of(Native.Bind(fd, address, (uint)(3 + path.Length)));
        Native.Close(fd);
        return reply;
    }
}

using System.Buffers.Binary;

namespace ClawOS.Mounting.Posix;

/// <summary>The fields of statx(2) that the tests look at; times in nanoseconds since 1970.</summary>
public readonly record struct Stat(
    uint Nlink, uint Uid, uint Gid, uint Mode, ulong Ino, ulong Size, ulong Blocks, Int128 Atime, Int128 Btime, Int128 Ctime, Int128 Mtime, uint Rdev)
{
    private const uint BasicAndBirth = 0xFFF;
    internal const int BufferSize = 256;
    internal const int NoFollow = 0x100;
    internal const int EmptyPath = 0x1000;

    public uint Permissions => Mode & 0xFFF;

    public string Type => (Mode >> 12) switch
    {
        1 => "fifo", 2 => "char", 4 => "dir", 6 => "block", 8 => "file", 10 => "symlink", 12 => "socket", _ => "?",
    };

    /// <summary>stat or lstat of a path.</summary>
    public static Reply Of(string path, bool follow, out Stat stat) => Of(Sys.AtCwd, path, follow ? 0 : NoFollow, out stat);

    /// <summary>fstat.</summary>
    public static Reply Of(int fd, out Stat stat) => Of(fd, "", EmptyPath, out stat);

    private static Reply Of(int dir, string path, int flags, out Stat stat)
    {
        Span<byte> b = stackalloc byte[BufferSize];
        Reply reply = Reply.Of(Native.StatX(dir, PathBytes.Z(path), flags, BasicAndBirth, b));
        stat = reply.Failed ? default : Parse(b);
        return reply;
    }

    // struct statx, include/uapi/linux/stat.h.
    private static Stat Parse(ReadOnlySpan<byte> b) => new(
        U32(b, 16), U32(b, 20), U32(b, 24), BinaryPrimitives.ReadUInt16LittleEndian(b[28..]), U64(b, 32), U64(b, 40), U64(b, 48),
        Time(b, 64), Time(b, 80), Time(b, 96), Time(b, 112), (U32(b, 128) << 8) | U32(b, 132));

    private static uint U32(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b[at..]);
    private static ulong U64(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt64LittleEndian(b[at..]);
    private static Int128 Time(ReadOnlySpan<byte> b, int at) =>
        (Int128)BinaryPrimitives.ReadInt64LittleEndian(b[at..]) * 1_000_000_000 + U32(b, at + 8);
}

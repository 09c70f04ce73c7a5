using System.Buffers.Binary;
using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

internal sealed unsafe partial class LinuxFolder
{
    // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name (getdents64(2)).
    private const int RecordLengthOffset = 16;
    private const int NameOffset = 19;

    // O_PATH (open(2)) and AT_EMPTY_PATH (chown(2)), which Tmds.LibC does not name.
    private const int PathOnly = 0x200000, EmptyPath = 0x1000;

    public override string[] List()
    {
        // A descriptor of its own: the position in the directory is per open file, and two threads may list at once.
        using FileDescriptor listing = Reopen();
        using Borrowed fd = new(listing);
        List<string> names = [];
        byte[] buffer = new byte[32 * 1024];
        fixed (byte* start = buffer)
        {
            nint count;
            while ((count = NativeCalls.getdents64(fd.Number, start, (nuint)buffer.Length)) > 0)
                AddNames(buffer.AsSpan(0, (int)count), names);
            if (count < 0)
                throw Failed("list", null);
        }
        return [.. names];
    }

    public override void Chown(uint uid, uint gid)
    {
        using Borrowed fd = new(descriptor);
        foreach (string name in List())
        {
            stat status;
            fixed (byte* bytes = Component(name))
            {
                if (fstatat(fd.Number, bytes, &status, AT_SYMLINK_NOFOLLOW) != 0)
                    throw Failed("stat", name);
            }
            mode_t type = status.st_mode & S_IFMT;
            if (type == S_IFDIR)
                ChownFolder(name, uid, gid);
            else if (type == S_IFREG)
                ChownFile(name, uid, gid);
        }
        if (fchown(fd.Number, uid, gid) != 0)
            throw Failed("chown", null);
    }

    private void ChownFolder(string name, uint uid, uint gid)
    {
        using Folder child = OpenFolder(name, create: false, mode: 0);
        child.Chown(uid, gid);
    }

    private void ChownFile(string name, uint uid, uint gid)
    {
        // O_PATH: closing any other descriptor of a file drops all POSIX locks that this process has on it (fcntl(2)), those of SQLite too, and the next program
        // that opens the database would take itself for the only one and delete its WAL.
        using FileDescriptor file = OpenDescriptor(name, PathOnly, 0);
        using Borrowed fd = new(file);
        stat status;
        if (fstat(fd.Number, &status) != 0)
            throw Failed("stat", name);
        // Checked on the open file, not on the name, which its owner can swap in between.
        if ((ulong)status.st_nlink > 1)
            throw new LinuxException(Errno.EMLINK, $"chown {Full(name)}");
        fixed (byte* itself = "\0"u8)
        {
            if (fchownat(fd.Number, itself, uid, gid, EmptyPath) != 0)
                throw Failed("chown", name);
        }
    }

    private FileDescriptor Reopen()
    {
        using Borrowed fd = new(descriptor);
        fixed (byte* dot = "."u8)
        {
            int copy = openat(fd.Number, dot, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
            return copy >= 0 ? new FileDescriptor(copy) : throw Failed("open", null);
        }
    }

    private static void AddNames(ReadOnlySpan<byte> records, List<string> names)
    {
        while (!records.IsEmpty)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records[RecordLengthOffset..]);
            ReadOnlySpan<byte> name = records[NameOffset..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                names.Add(Encoding.UTF8.GetString(name));
            records = records[length..];
        }
    }
}

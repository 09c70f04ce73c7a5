using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>A folder over a real directory descriptor.</summary>
internal sealed unsafe partial class LinuxFolder : Folder
{
    private readonly FileDescriptor descriptor;
    private readonly string path;

    private LinuxFolder(FileDescriptor descriptor, string path)
    {
        this.descriptor = descriptor;
        this.path = path;
    }

    public override string Path => path;

    public override long FreeBytes
    {
        get
        {
            using Borrowed fd = new(descriptor);
            statvfs status;
            if (fstatvfs(fd.Number, &status) != 0)
                throw Failed("statvfs", null);
            return checked((long)((ulong)status.f_bavail * (ulong)status.f_frsize));
        }
    }

    internal static LinuxFolder OpenPath(string path)
    {
        fixed (byte* bytes = Terminated(path))
        {
            int fd = open(bytes, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
            return fd >= 0 ? new LinuxFolder(new FileDescriptor(fd), path) : throw LinuxException.FromLast($"open {path}");
        }
    }

    internal static void MakePath(string path, uint mode)
    {
        string full = System.IO.Path.GetFullPath(path);
        for (int end = full.IndexOf('/', 1); ; end = full.IndexOf('/', end + 1))
        {
            string part = end < 0 ? full : full[..end];
            fixed (byte* bytes = Terminated(part))
            {
                if (mkdir(bytes, (ushort)mode) != 0 && LinuxException.Last != Errno.EEXIST)
                    throw LinuxException.FromLast($"mkdir {part}");
            }
            if (end < 0)
                return;
        }
    }

    public override Folder OpenFolder(string name, bool create, uint mode)
    {
        using Borrowed fd = new(descriptor);
        fixed (byte* bytes = Component(name))
        {
            if (create && mkdirat(fd.Number, bytes, (ushort)mode) != 0 && LinuxException.Last != Errno.EEXIST)
                throw Failed("mkdir", name);
            int child = openat(fd.Number, bytes, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
            return child >= 0 ? new LinuxFolder(new FileDescriptor(child), Full(name)) : throw Failed("open", name);
        }
    }

    public override StorageFile Open(string name, StorageMode mode, uint permissions) =>
        new LinuxFile(OpenDescriptor(name, Flags(mode), permissions), Full(name));

    public override bool Exists(string name)
    {
        using Borrowed fd = new(descriptor);
        stat status;
        fixed (byte* bytes = Component(name))
        {
            if (fstatat(fd.Number, bytes, &status, AT_SYMLINK_NOFOLLOW) == 0)
                return true;
        }
        return LinuxException.Last == Errno.ENOENT ? false : throw Failed("stat", name);
    }

    public override bool Delete(string name)
    {
        using Borrowed fd = new(descriptor);
        fixed (byte* bytes = Component(name))
        {
            if (unlinkat(fd.Number, bytes, 0) == 0)
                return true;
        }
        return LinuxException.Last == Errno.ENOENT ? false : throw Failed("delete", name);
    }

    public override void Rename(string from, string to)
    {
        using Borrowed fd = new(descriptor);
        fixed (byte* old = Component(from), target = Component(to))
        {
            if (NativeCalls.renameat(fd.Number, old, fd.Number, target) != 0)
                throw Failed("rename", from);
        }
    }

    public override void Sync()
    {
        using Borrowed fd = new(descriptor);
        if (fsync(fd.Number) != 0)
            throw Failed("sync", null);
    }

    protected override void Dispose(bool disposing)
    {
        ReleaseLocks();
        descriptor.Dispose();
    }

    private FileDescriptor OpenDescriptor(string name, int flags, uint permissions)
    {
        using Borrowed fd = new(descriptor);
        fixed (byte* bytes = Component(name))
        {
            int file = openat(fd.Number, bytes, flags | O_NOFOLLOW | O_CLOEXEC, (ushort)permissions);
            return file >= 0 ? new FileDescriptor(file) : throw Failed("open", name);
        }
    }

    private static int Flags(StorageMode mode) => mode switch
    {
        StorageMode.Read => O_RDONLY,
        StorageMode.ReadWrite => O_RDWR,
        StorageMode.CreateNew => O_RDWR | O_CREAT | O_EXCL,
        StorageMode.CreateOrOpen => O_RDWR | O_CREAT,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };

    private static byte[] Component(string name) =>
        name.Length > 0 && name is not ("." or "..") && !name.Contains('/')
            ? Terminated(name)
            : throw new ArgumentException($"'{name}' is not one path component", nameof(name));

    private static byte[] Terminated(string path) =>
        !path.Contains('\0') ? Encoding.UTF8.GetBytes(path + '\0') : throw new ArgumentException("a path with a NUL", nameof(path));

    private string Full(string name) => path.EndsWith('/') ? path + name : $"{path}/{name}";

    private LinuxException Failed(string action, string? name) =>
        LinuxException.FromLast($"{action} {(name is null ? path : Full(name))}");
}

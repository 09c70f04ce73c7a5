namespace ClawFS.Linux;

/// <summary>
/// An open directory: the seam through which the store does all its raw file I/O. Every name is one path component,
/// resolved relative to the descriptor (openat), so a folder that is renamed or mounted over stays the same folder.
/// Safe for use by several threads.
/// </summary>
/// <remarks>Every member throws <see cref="LinuxException"/> when the kernel refuses, and <see cref="ArgumentException"/> for a name with '/' or NUL.</remarks>
public abstract class Folder : IDisposable
{
    /// <summary>The path it was opened with, for messages only.</summary>
    public abstract string Path { get; }

    /// <summary>Bytes that an unprivileged writer can still use on this file system (statvfs f_bavail).</summary>
    public abstract long FreeBytes { get; }

    /// <summary>Opens an existing directory.</summary>
    public static Folder Open(string path) => LinuxFolder.OpenPath(path);

    /// <summary>Opens a directory and makes it, and its parents, if they are missing.</summary>
    /// <param name="path">Absolute or relative path.</param>
    /// <param name="mode">Permission bits of what is made, subject to umask.</param>
    public static Folder OpenOrCreate(string path, uint mode = 0x1C0)
    {
        LinuxFolder.MakePath(path, mode);
        return Open(path);
    }

    /// <summary>Opens a child directory, never through a symlink.</summary>
    /// <param name="name">One path component.</param>
    /// <param name="create">Make it if it is missing.</param>
    /// <param name="mode">Permission bits if it is made; 0700 by default.</param>
    public abstract Folder OpenFolder(string name, bool create = false, uint mode = 0x1C0);

    /// <summary>Opens a file, never through a symlink.</summary>
    /// <param name="name">One path component.</param>
    /// <param name="mode">Read, write, create.</param>
    /// <param name="permissions">Permission bits if it is made; 0600 by default.</param>
    public abstract StorageFile Open(string name, StorageMode mode, uint permissions = 0x180);

    /// <summary>Whether the name exists; a dangling symlink does.</summary>
    public abstract bool Exists(string name);

    /// <summary>Removes a file; false if there is none. Durable after <see cref="Sync"/>.</summary>
    public abstract bool Delete(string name);

    /// <summary>Renames within this folder, replacing <paramref name="to"/>. Durable after <see cref="Sync"/>.</summary>
    public abstract void Rename(string from, string to);

    /// <summary>All names but "." and "..", in no order.</summary>
    public abstract string[] List();

    /// <summary>Makes created, renamed and deleted names durable (fsync of the directory).</summary>
    public abstract void Sync();

    /// <summary>
    /// Takes an exclusive lock on a lock file, which then holds pid and program of the holder. The lock goes with
    /// <see cref="Dispose()"/> or with the death of the process; the file stays.
    /// </summary>
    /// <param name="name">Name of the lock file; made if missing.</param>
    /// <param name="holder">Who has it, for example "claw (pid 123)"; this process on success.</param>
    /// <returns>False when somebody else, or another instance in this process, has it.</returns>
    public abstract bool TryLock(string name, out string holder);

    /// <summary>
    /// Gives the folder and everything below it to another user. Symlinks keep their owner. A file with a second name is
    /// refused (EMLINK): the other name may lie outside the folder.
    /// </summary>
    public abstract void Chown(uint uid, uint gid);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the descriptor and the locks.</summary>
    protected abstract void Dispose(bool disposing);
}

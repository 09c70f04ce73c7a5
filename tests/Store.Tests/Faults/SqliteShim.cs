using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ClawFS.Linux;
using SQLitePCL;

namespace ClawFS.Store.Tests.Faults;

/// <summary>
/// SQLite's unix VFS with an ear: what SQLite writes, cuts, syncs and deletes in the folders of <see cref="RecordingDisk"/>s is told to them and fails when they say so; everything
/// else passes through. Both are structs of function pointers (sqlite3.h, sqlite3_vfs and sqlite3_io_methods); a file's methods are exchanged after the real open.
/// </summary>
internal static class SqliteShim
{
    private const int Full = 13, IoError = 10, WriteError = IoError | 3 << 8, SyncError = IoError | 4 << 8, TruncateError = IoError | 6 << 8, CannotOpen = 14;
    private const int VfsSize = 168, VfsNext = 16, VfsName = 24, VfsOpen = 40, VfsDelete = 48;
    private const int MayCreate = 0x4, IsMainDatabase = 0x100, IsWal = 0x80000;

    private static readonly Lock Gate = new();
    private static readonly ConcurrentDictionary<string, RecordingDisk> Disks = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<nint, SqliteFile> Files = new();
    private static readonly ConcurrentDictionary<nint, SqliteMethods> Methods = new();
    private static readonly Open OpenCall = OnOpen;
    private static readonly Delete DeleteCall = OnDelete;
    private static Open? realOpen;
    private static Delete? realDelete;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint Find(nint name);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Register(nint vfs, int makeDefault);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Open(nint vfs, nint name, nint file, int flags, nint outFlags);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Delete(nint vfs, nint name, int syncFolder);

    /// <summary>Tells a disk about the files of its folder that are opened from now on.</summary>
    public static void Add(string folder, RecordingDisk disk)
    {
        lock (Gate)
        {
            if (realOpen is null)
                Install();
        }
        Disks[folder] = disk;
    }

    /// <summary>Lets go of a disk; its files must be closed.</summary>
    public static void Remove(string folder) => Disks.TryRemove(folder, out _);

    internal static SqliteFile FileOf(nint file) => Files[file];

    internal static void Forget(nint file) => Files.TryRemove(file, out _);

    internal static int CodeOf(Errno error, DiskAction action) => error switch
    {
        Errno.Ok => 0,
        Errno.ENOSPC => Full,
        _ => action switch { DiskAction.Sync => SyncError, DiskAction.Truncate => TruncateError, _ => WriteError },
    };

    private static void Install()
    {
        Batteries_V2.Init();
        nint library = NativeLibrary.Load("e_sqlite3", typeof(SQLite3Provider_e_sqlite3).Assembly, null);
        nint unix = Marshal.GetDelegateForFunctionPointer<Find>(NativeLibrary.GetExport(library, "sqlite3_vfs_find"))(0);
        realOpen = Marshal.GetDelegateForFunctionPointer<Open>(Marshal.ReadIntPtr(unix, VfsOpen));
        realDelete = Marshal.GetDelegateForFunctionPointer<Delete>(Marshal.ReadIntPtr(unix, VfsDelete));
        byte[] bytes = new byte[VfsSize];
        Marshal.Copy(unix, bytes, 0, bytes.Length);
        // Lives as long as the process, as SQLite asks for.
        nint own = Marshal.AllocHGlobal(VfsSize);
        Marshal.Copy(bytes, 0, own, bytes.Length);
        Marshal.WriteIntPtr(own, VfsNext, 0);
        Marshal.WriteIntPtr(own, VfsName, Marshal.StringToHGlobalAnsi("claw-test"));
        Marshal.WriteIntPtr(own, VfsOpen, Marshal.GetFunctionPointerForDelegate(OpenCall));
        Marshal.WriteIntPtr(own, VfsDelete, Marshal.GetFunctionPointerForDelegate(DeleteCall));
        Assert.Equal(0, Marshal.GetDelegateForFunctionPointer<Register>(NativeLibrary.GetExport(library, "sqlite3_vfs_register"))(own, 1));
    }

    private static int OnOpen(nint vfs, nint name, nint file, int flags, nint outFlags)
    {
        string? path = name == 0 ? null : Marshal.PtrToStringUTF8(name);
        bool known = TryFind(path, out RecordingDisk? disk) && (flags & (IsMainDatabase | IsWal)) != 0;
        bool creates = known && (flags & MayCreate) != 0 && !File.Exists(path);
        if (creates && disk!.NextFault(DiskAction.Create) != Errno.Ok)
            return CannotOpen;
        int code = realOpen!(vfs, name, file, flags, outFlags);
        if (code != 0 || !known)
            return code;
        if (creates)
            disk!.Created("", Path.GetFileName(path)!);
        SqliteMethods methods = Methods.GetOrAdd(Marshal.ReadIntPtr(file), static real => new SqliteMethods(real));
        Files[file] = new SqliteFile(disk!, disk!.FileOf("", Path.GetFileName(path)!), methods) { IsNew = creates };
        Marshal.WriteIntPtr(file, methods.Table);
        return code;
    }

    private static int OnDelete(nint vfs, nint name, int syncFolder)
    {
        string? path = Marshal.PtrToStringUTF8(name);
        int code = realDelete!(vfs, name, syncFolder);
        if (code == 0 && TryFind(path, out RecordingDisk? disk) && path!.EndsWith("-wal", StringComparison.Ordinal))
        {
            disk!.Deleted("", Path.GetFileName(path));
            if (syncFolder != 0)
                disk.Add(new DiskEvent(DiskAction.SyncFolder) { Folder = "" });
        }
        return code;
    }

    private static bool TryFind(string? path, out RecordingDisk? disk)
    {
        disk = null;
        return path is not null && Disks.TryGetValue(Path.GetDirectoryName(path) ?? "", out disk);
    }
}

/// <summary>One file that SQLite has open in a recorded folder.</summary>
internal sealed record SqliteFile(RecordingDisk Disk, int Number, SqliteMethods Methods)
{
    /// <summary>Made and not yet synced: SQLite then syncs the folder as well (os_unix.c, UNIXFILE_DIRSYNC).</summary>
    public bool IsNew { get; set; }
}

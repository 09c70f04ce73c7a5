using System.Runtime.InteropServices;
using ClawFS.Linux;

namespace ClawFS.Store.Tests.Faults;

/// <summary>A sqlite3_io_methods of which four calls go by the recording disk first; a table of them for each that the unix VFS has.</summary>
internal sealed class SqliteMethods
{
    private const int Size = 152, CloseAt = 8, WriteAt = 24, TruncateAt = 32, SyncAt = 40;

    private readonly Close close, ownClose;
    private readonly Write write, ownWrite;
    private readonly Truncate truncate, ownTruncate;
    private readonly Sync ownSync;

    public SqliteMethods(nint real)
    {
        close = Marshal.GetDelegateForFunctionPointer<Close>(Marshal.ReadIntPtr(real, CloseAt));
        write = Marshal.GetDelegateForFunctionPointer<Write>(Marshal.ReadIntPtr(real, WriteAt));
        truncate = Marshal.GetDelegateForFunctionPointer<Truncate>(Marshal.ReadIntPtr(real, TruncateAt));
        (ownClose, ownWrite, ownTruncate, ownSync) = (OnClose, OnWrite, OnTruncate, OnSync);
        byte[] bytes = new byte[Size];
        Marshal.Copy(real, bytes, 0, bytes.Length);
        Table = Marshal.AllocHGlobal(Size);
        Marshal.Copy(bytes, 0, Table, bytes.Length);
        Marshal.WriteIntPtr(Table, CloseAt, Marshal.GetFunctionPointerForDelegate(ownClose));
        Marshal.WriteIntPtr(Table, WriteAt, Marshal.GetFunctionPointerForDelegate(ownWrite));
        Marshal.WriteIntPtr(Table, TruncateAt, Marshal.GetFunctionPointerForDelegate(ownTruncate));
        Marshal.WriteIntPtr(Table, SyncAt, Marshal.GetFunctionPointerForDelegate(ownSync));
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Close(nint file);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Write(nint file, nint bytes, int count, long offset);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Truncate(nint file, long length);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Sync(nint file, int flags);

    /// <summary>What a file's method pointer is set to.</summary>
    public nint Table { get; }

    private int OnClose(nint file)
    {
        SqliteShim.Forget(file);
        return close(file);
    }

    private int OnWrite(nint file, nint bytes, int count, long offset)
    {
        SqliteFile known = SqliteShim.FileOf(file);
        Errno error = known.Disk.NextFault(DiskAction.Write, known.Number, offset + count);
        byte[] arrives = new byte[error == Errno.Ok ? count : count / 2];
        Marshal.Copy(bytes, arrives, 0, arrives.Length);
        int code = write(file, bytes, arrives.Length, offset);
        known.Disk.Add(new DiskEvent(DiskAction.Write) { File = known.Number, Offset = offset, Data = arrives });
        return error == Errno.Ok ? code : SqliteShim.CodeOf(error, DiskAction.Write);
    }

    private int OnTruncate(nint file, long length)
    {
        SqliteFile known = SqliteShim.FileOf(file);
        Errno error = known.Disk.NextFault(DiskAction.Truncate, known.Number);
        if (error != Errno.Ok)
            return SqliteShim.CodeOf(error, DiskAction.Truncate);
        int code = truncate(file, length);
        known.Disk.CutRoom(known.Number, length);
        known.Disk.Add(new DiskEvent(DiskAction.Truncate) { File = known.Number, Length = length });
        return code;
    }

    /// <summary>Nothing is synced in truth: the recording decides what is durable.</summary>
    private int OnSync(nint file, int flags)
    {
        SqliteFile known = SqliteShim.FileOf(file);
        Errno error = known.Disk.NextFault(DiskAction.Sync, known.Number);
        known.Disk.Add(new DiskEvent(error == Errno.Ok ? DiskAction.Sync : DiskAction.FailedSync) { File = known.Number });
        if (error == Errno.Ok && known.IsNew)
        {
            known.IsNew = false;
            known.Disk.Add(new DiskEvent(DiskAction.SyncFolder) { Folder = "" });
        }
        return SqliteShim.CodeOf(error, DiskAction.Sync);
    }
}

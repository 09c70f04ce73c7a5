using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// What the FUSE dispatcher calls: one method an opcode. The base answers what a read-only, empty tree would; the stored tree and the
/// generated trees override what they have. Every method may run on several threads at once, must not throw for bad input, must not
/// block on anything but the local disk (else <see cref="Request.Park"/>), and never opens a path of the mount.
/// Names are 1..255 bytes without '/' and NUL: the dispatcher has checked. Permissions are the kernel's (default_permissions).
/// Lookup counts: every success that fills an <see cref="Entry"/> with a non-zero node adds one to it; FORGET takes them away.
/// </summary>
public abstract class NodeTree
{
    /// <summary>LOOKUP: the node behind a name. A negative entry with a time to live is Ok with Node = 0.</summary>
    public virtual Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry) { entry = default; return Errno.ENOENT; }
    /// <summary>FORGET and BATCH_FORGET: the kernel drops <paramref name="count"/> references. Never answered.</summary>
    public virtual void Forget(ulong node, ulong count) { }
    /// <summary>GETATTR and STATX. <paramref name="handle"/> is 0 where the kernel gave none.</summary>
    public virtual Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds) { attr = default; attrSeconds = 0; return Errno.ENOENT; }
    /// <summary>SETATTR: chmod, chown, truncate, utimensat.</summary>
    public virtual Errno SetAttr(Request request, ulong node, in SetAttr set, out Attr attr, out uint attrSeconds) { attr = default; attrSeconds = 0; return Errno.EPERM; }
    /// <summary>READLINK into <paramref name="target"/> (at least 4096 bytes).</summary>
    public virtual Errno ReadLink(Request request, ulong node, Span<byte> target, out int length) { length = 0; return Errno.EINVAL; }
    /// <summary>SYMLINK.</summary>
    public virtual Errno SymLink(Request request, ulong parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out Entry entry) { entry = default; return Errno.EPERM; }
    /// <summary>MKNOD of any type but directory (regular files too: NFS and old kernels).</summary>
    public virtual Errno MkNod(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, uint rdev, out Entry entry) { entry = default; return Errno.EPERM; }
    /// <summary>MKDIR.</summary>
    public virtual Errno MkDir(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, out Entry entry) { entry = default; return Errno.EPERM; }
    /// <summary>UNLINK.</summary>
    public virtual Errno Unlink(Request request, ulong parent, ReadOnlySpan<byte> name) => Errno.EPERM;
    /// <summary>RMDIR.</summary>
    public virtual Errno RmDir(Request request, ulong parent, ReadOnlySpan<byte> name) => Errno.EPERM;
    /// <summary>RENAME and RENAME2; <paramref name="flags"/> are RENAME_NOREPLACE (1) and RENAME_EXCHANGE (2), others EINVAL.</summary>
    public virtual Errno Rename(Request request, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags) => Errno.EPERM;
    /// <summary>LINK.</summary>
    public virtual Errno Link(Request request, ulong node, ulong newParent, ReadOnlySpan<byte> newName, out Entry entry) { entry = default; return Errno.EPERM; }
    /// <summary>OPEN with the open(2) flags (O_CREAT and O_EXCL are gone; O_TRUNC is here: ATOMIC_O_TRUNC).</summary>
    public virtual Errno Open(Request request, ulong node, int flags, bool killSuidGid, out OpenReply reply) { reply = default; return Errno.EACCES; }
    /// <summary>CREATE: make and open.</summary>
    public virtual Errno Create(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, int flags, out Entry entry, out OpenReply reply) { entry = default; reply = default; return Errno.EPERM; }
    /// <summary>TMPFILE: make without a name and open.</summary>
    public virtual Errno TmpFile(Request request, ulong parent, uint mode, int flags, out Entry entry, out OpenReply reply) { entry = default; reply = default; return Errno.EOPNOTSUPP; }
    /// <summary>READ into <paramref name="buffer"/> (already as long as asked); fewer bytes mean end of file.</summary>
    public virtual Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count) { count = 0; return Errno.EBADF; }
    /// <summary>WRITE. <paramref name="fromCache"/>: the kernel's writeback, without a caller. Offset is the kernel's (O_APPEND is resolved there for cached files).</summary>
    public virtual Errno Write(Request request, ulong node, ulong handle, ulong offset, ReadOnlySpan<byte> data, bool fromCache, bool killSuidGid, out int count) { count = 0; return Errno.EBADF; }
    /// <summary>FLUSH: one a close(2).</summary>
    public virtual Errno Flush(Request request, ulong node, ulong handle) => Errno.Ok;
    /// <summary>FSYNC, parked until durable.</summary>
    public virtual Errno Fsync(Request request, ulong node, ulong handle, bool dataOnly) => Errno.Ok;
    /// <summary>RELEASE: the last close of an open file. <paramref name="flags"/> as at open.</summary>
    public virtual void Release(Request request, ulong node, ulong handle, int flags) { }
    /// <summary>OPENDIR, from kernels that do not open folders by themselves: whether they may cache the listing. Folders have no handles.</summary>
    public virtual Errno OpenDir(Request request, ulong node, out OpenReplyFlags caching) { caching = OpenReplyFlags.None; return Errno.Ok; }
    /// <summary>
    /// READDIR and READDIRPLUS from <paramref name="cookie"/> (0 = start). A cookie is all that is known of a reader: it means the same in every listing
    /// of the folder, so that an entry which stays is listed once. The kernel keeps the listing until the folder's mtime changes (or it changes
    /// the folder itself), for all callers alike. A folder that was removed is empty.
    /// </summary>
    public virtual Errno ReadDir(Request request, ulong node, ulong cookie, DirSink sink) => Errno.ENOTDIR;
    /// <summary>FSYNCDIR, parked until durable.</summary>
    public virtual Errno FsyncDir(Request request, ulong node) => Errno.Ok;
    /// <summary>SYNCFS, should it ever come.</summary>
    public virtual Errno SyncFs(Request request, ulong node) => Errno.Ok;
    /// <summary>STATFS.</summary>
    public virtual Errno StatFs(Request request, ulong node, out StatFs stat) { stat = new StatFs { BlockSize = 4096, NameLength = Vfs.MaxName }; return Errno.Ok; }
    /// <summary>SETXATTR; <paramref name="flags"/> are XATTR_CREATE (1) and XATTR_REPLACE (2).</summary>
    public virtual Errno SetXattr(Request request, ulong node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags) => Errno.EOPNOTSUPP;
    /// <summary>GETXATTR. Empty <paramref name="buffer"/>: only the length is asked. A value that does not fit is ERANGE.</summary>
    public virtual Errno GetXattr(Request request, ulong node, ReadOnlySpan<byte> name, Span<byte> buffer, out int length) { length = 0; return Errno.ENODATA; }
    /// <summary>LISTXATTR: names, each with its NUL. Empty <paramref name="buffer"/>: only the length is asked.</summary>
    public virtual Errno ListXattr(Request request, ulong node, Span<byte> buffer, out int length) { length = 0; return Errno.Ok; }
    /// <summary>REMOVEXATTR.</summary>
    public virtual Errno RemoveXattr(Request request, ulong node, ReadOnlySpan<byte> name) => Errno.EOPNOTSUPP;
    /// <summary>FALLOCATE with FALLOC_FL_* in <paramref name="mode"/>.</summary>
    public virtual Errno Fallocate(Request request, ulong node, ulong handle, ulong offset, ulong length, uint mode) => Errno.EOPNOTSUPP;
    /// <summary>LSEEK with SEEK_DATA (3) or SEEK_HOLE (4).</summary>
    public virtual Errno Seek(Request request, ulong node, ulong handle, ulong offset, int whence, out ulong position) { position = 0; return Errno.EINVAL; }
    /// <summary>COPY_FILE_RANGE; a short count is allowed.</summary>
    public virtual Errno CopyFileRange(Request request, ulong node, ulong handle, ulong offset, ulong toNode, ulong toHandle, ulong toOffset, ulong length, out uint count) { count = 0; return Errno.EOPNOTSUPP; }
    /// <summary>POLL: the ready events. A later change is told with <see cref="KernelCache.PollWakeup"/> where <paramref name="wakeup"/> is set.</summary>
    public virtual Errno Poll(Request request, ulong node, ulong handle, ulong pollHandle, bool wakeup, uint wanted, out uint ready) { ready = 0x145; return Errno.Ok; }
    /// <summary>DESTROY: the mount is going.</summary>
    public virtual void Destroy() { }
}

using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Commit;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    /// <summary>Longest target of a symbolic link (PATH_MAX less the NUL).</summary>
    private const int MaxTarget = 4095;

    /// <inheritdoc/>
    public override Errno SymLink(Request request, ulong parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out Entry entry)
    {
        entry = default;
        return target.Length > MaxTarget ? Errno.ENAMETOOLONG
            : target.IsEmpty ? Errno.ENOENT
            : Make(request, parent, name, FileMode.SymLink | 0x1FF, 0, target, out entry);
    }

    /// <inheritdoc/>
    public override Errno MkNod(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, uint rdev, out Entry entry) =>
        Make(request, parent, name, (mode & FileMode.TypeMask) == 0 ? mode | FileMode.Regular : mode, rdev, default, out entry);

    /// <inheritdoc/>
    public override Errno MkDir(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, out Entry entry) =>
        Make(request, parent, name, FileMode.Directory | (mode & FileMode.PermMask), 0, default, out entry);

    /// <inheritdoc/>
    public override Errno Create(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        reply = new OpenReply { Flags = OpenReplyFlags.KeepCache };
        return Make(request, parent, name, FileMode.Regular | (mode & FileMode.PermMask), 0, default, out entry, writers: (flags & AccessMode) == ReadOnlyAccess ? 0 : 1);
    }

    /// <inheritdoc/>
    public override Errno TmpFile(Request request, ulong parent, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        reply = new OpenReply { Flags = OpenReplyFlags.KeepCache };
        entry = default;
        try
        {
            store.Space.Admit(0);
            using var pass = store.Gate.Enter();
            if (store.Applied.Has(request.Unique, ChangeKind.Create, out ulong earlier))
            {
                return AnswerAgain(earlier, (flags & AccessMode) == ReadOnlyAccess ? 0 : 1, out entry);
            }
            uint gid;
            using (InodeLease folder = Pin(parent))
            {
                lock (folder.Inode)
                {
                    if (CheckFolder(folder.Inode) is not Errno.Ok and var refused)
                    {
                        return refused;
                    }
                    gid = (folder.Inode.Mode & FileMode.SetGid) != 0 ? folder.Inode.Gid : request.Gid;
                }
            }
            var change = new CreateChange
            {
                Inode = state.NewRowId(),
                Parent = 0,
                Mode = FileMode.Regular | (mode & FileMode.PermMask),
                Uid = request.Uid,
                Gid = gid,
                Time = Timestamp.Now,
                Salt = NewSalt(),
            };
            SpanWriter record = Record(request);
            change.Encode(record);
            store.Append(ChangeKind.Create, record);
            using InodeLease made = state.Apply(change, null);
            made.Inode.Writers = (flags & AccessMode) == ReadOnlyAccess ? 0 : 1;
            Count(made.Inode, out entry);
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override Errno Link(Request request, ulong node, ulong newParent, ReadOnlySpan<byte> newName, out Entry entry)
    {
        entry = default;
        try
        {
            store.Space.Admit(0);
            using var pass = store.Gate.Enter();
            if (store.Applied.Has(request.Unique, ChangeKind.Link, out ulong earlier))
            {
                return AnswerAgain(earlier, 0, out entry);
            }
            using InodeLease folder = Pin(newParent);
            using InodeLease target = Pin(node);
            lock (folder.Inode)
            {
                if (CheckFolder(folder.Inode) is not Errno.Ok and var refused)
                {
                    return refused;
                }
                if (target.Inode.IsDirectory)
                {
                    return Errno.EPERM;
                }
                lock (target.Inode)
                {
                    RequireAlive(target.Inode);
                    if (FolderNames.TryFind(folder.Inode, state.Names, newName, out _))
                    {
                        return Errno.EEXIST;
                    }
                    var change = new LinkChange { Inode = node, Parent = newParent, Time = Timestamp.Now, Name = newName };
                    SpanWriter record = Record(request);
                    change.Encode(record);
                    store.Append(ChangeKind.Link, record);
                    state.Apply(change, folder.Inode, target.Inode);
                    Count(target.Inode, out entry);
                }
            }
            Publish(FsEventKind.Create, request, node, false, newParent, newName);
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <summary>Answers a request whose node is there already: it was made before the process that made it could say so.</summary>
    private Errno AnswerAgain(ulong node, int writers, out Entry entry)
    {
        using InodeLease made = Pin(node);
        lock (made.Inode)
        {
            Count(made.Inode, out entry);
            made.Inode.Writers += writers;
            return Errno.Ok;
        }
    }

    private Errno Make(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, uint rdev, ReadOnlySpan<byte> target, out Entry entry, int writers = 0)
    {
        entry = default;
        try
        {
            store.Space.Admit(0);
            using var pass = store.Gate.Enter();
            if (store.Applied.Has(request.Unique, ChangeKind.Create, out ulong earlier))
            {
                return AnswerAgain(earlier, writers, out entry);
            }
            using InodeLease folder = Pin(parent);
            lock (folder.Inode)
            {
                if (CheckFolder(folder.Inode) is not Errno.Ok and var refused)
                {
                    return refused;
                }
                if (FolderNames.TryFind(folder.Inode, state.Names, name, out _))
                {
                    return Errno.EEXIST;
                }
                bool setGid = (folder.Inode.Mode & FileMode.SetGid) != 0;
                var change = new CreateChange
                {
                    Inode = state.NewRowId(),
                    Parent = parent,
                    Mode = setGid && FileMode.IsDirectory(mode) ? mode | FileMode.SetGid : mode,
                    Uid = request.Uid,
                    Gid = setGid ? folder.Inode.Gid : request.Gid,
                    Rdev = rdev,
                    Time = Timestamp.Now,
                    Name = name,
                    Salt = FileMode.IsRegular(mode) ? NewSalt() : default,
                    Target = target,
                };
                SpanWriter record = Record(request);
                change.Encode(record);
                store.Append(ChangeKind.Create, record);
                using InodeLease made = state.Apply(change, folder.Inode);
                made.Inode.Writers = writers;
                Count(made.Inode, out entry);
            }
            Publish(FsEventKind.Create, request, entry.Node, FileMode.IsDirectory(mode), parent, name);
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            entry = default;
            return Fail(e);
        }
    }
}

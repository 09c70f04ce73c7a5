using System.Text;
using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    private static ReadOnlySpan<byte> Trusted => "trusted."u8;

    private const int XattrCreate = 1, XattrReplace = 2;
    /// <summary>XATTR_SIZE_MAX of the kernel.</summary>
    private const int MaxXattrValue = 65536;
    /// <summary>All names and values of one inode together; they live in its row.</summary>
    private const int MaxXattrTotal = 256 * 1024;

    /// <inheritdoc/>
    public override Errno SetXattr(Request request, ulong node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags)
    {
        if (Refused(name) is not Errno.Ok and var refused)
        {
            return refused;
        }
        if (IsClaw(name))
        {
            // user.claw.* belongs to the service: what a copy brings along is accepted and not kept.
            return Errno.Ok;
        }
        if (value.Length > MaxXattrValue)
        {
            return Errno.E2BIG;
        }
        try
        {
            store.Space.Admit(0);
            return ChangeXattr(request, node, name, value, false, flags);
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override Errno RemoveXattr(Request request, ulong node, ReadOnlySpan<byte> name)
    {
        if (Refused(name) is not Errno.Ok and var refused)
        {
            return refused;
        }
        try
        {
            store.Space.RequireWritable();
            return ChangeXattr(request, node, name, default, true, XattrReplace);
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override Errno GetXattr(Request request, ulong node, ReadOnlySpan<byte> name, Span<byte> buffer, out int length)
    {
        length = 0;
        if (IsAcl(name))
        {
            return Errno.EOPNOTSUPP;
        }
        try
        {
            using InodeLease lease = Pin(node);
            lock (lease.Inode)
            {
                if (lease.Inode.Xattrs is null || !lease.Inode.Xattrs.TryGetValue(Encoding.Latin1.GetString(name), out byte[]? value))
                {
                    return Errno.ENODATA;
                }
                length = value.Length;
                if (buffer.IsEmpty)
                {
                    return Errno.Ok;
                }
                return value.AsSpan().TryCopyTo(buffer) ? Errno.Ok : Errno.ERANGE;
            }
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override Errno ListXattr(Request request, ulong node, Span<byte> buffer, out int length)
    {
        length = 0;
        try
        {
            using InodeLease lease = Pin(node);
            lock (lease.Inode)
            {
                foreach (string name in lease.Inode.Xattrs?.Keys ?? Enumerable.Empty<string>())
                {
                    if (request.Uid != 0 && name.StartsWith("trusted.", StringComparison.Ordinal))
                    {
                        // xattr(7): only the administrator sees that they exist; the kernel leaves this to the file system.
                        continue;
                    }
                    int size = name.Length + 1;
                    if (!buffer.IsEmpty)
                    {
                        if (length + size > buffer.Length)
                        {
                            return Errno.ERANGE;
                        }
                        Encoding.Latin1.GetBytes(name, buffer[length..]);
                        buffer[length + size - 1] = 0;
                    }
                    length += size;
                }
                return Errno.Ok;
            }
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    private Errno ChangeXattr(Request request, ulong node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool remove, int flags)
    {
        using var pass = store.Gate.Enter();
        using InodeLease lease = Pin(node);
        bool directory;
        lock (lease.Inode)
        {
            RequireAlive(lease.Inode);
            if (store.Applied.Has(request.Unique, ChangeKind.Xattr))
            {
                return Errno.Ok;
            }
            directory = lease.Inode.IsDirectory;
            string key = Encoding.Latin1.GetString(name);
            byte[]? old = null;
            bool exists = lease.Inode.Xattrs?.TryGetValue(key, out old) ?? false;
            if (exists && (flags & XattrCreate) != 0)
            {
                return Errno.EEXIST;
            }
            if (!exists && (flags & XattrReplace) != 0)
            {
                return Errno.ENODATA;
            }
            if (!remove)
            {
                long total = name.Length + value.Length - (exists ? key.Length + old!.Length : 0);
                foreach ((string other, byte[] content) in lease.Inode.Xattrs ?? [])
                {
                    total += other.Length + content.Length;
                }
                if (total > MaxXattrTotal)
                {
                    return Errno.ENOSPC;
                }
            }
            var change = new XattrChange { Inode = node, Remove = remove, Time = Timestamp.Now, Name = name, Value = value };
            SpanWriter record = Record(request);
            change.Encode(record);
            store.Append(ChangeKind.Xattr, record, reclaiming: remove);
            state.Apply(change, lease.Inode);
        }
        Publish(FsEventKind.Attributes, request, node, directory);
        return Errno.Ok;
    }

    private static bool IsAcl(ReadOnlySpan<byte> name) => name.StartsWith("system.posix_acl_"u8);

    private static bool IsClaw(ReadOnlySpan<byte> name) => name.StartsWith("user.claw."u8) && !name.SequenceEqual("user.claw.tags"u8) && !name.SequenceEqual("user.claw.pin"u8);

    /// <summary>user, trusted and security are kept; POSIX ACLs are not (EOPNOTSUPP, as on a mount without them). A class without a name is EINVAL (xattr(7)).</summary>
    private static Errno Refused(ReadOnlySpan<byte> name)
    {
        int prefix = name.IndexOf((byte)'.') + 1;
        ReadOnlySpan<byte> kind = name[..prefix];
        bool kept = kind.SequenceEqual("user."u8) || kind.SequenceEqual(Trusted) || kind.SequenceEqual("security."u8);
        return !kept ? Errno.EOPNOTSUPP : prefix == name.Length ? Errno.EINVAL : Errno.Ok;
    }
}

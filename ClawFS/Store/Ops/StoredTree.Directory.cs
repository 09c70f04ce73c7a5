using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    private const ulong CookieAfterDot = 1, CookieAfterDotDot = 2;

    /// <inheritdoc/>
    public override Errno OpenDir(Request request, ulong node, out OpenReplyFlags caching)
    {
        caching = OpenReplyFlags.CacheDir | OpenReplyFlags.KeepCache;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public override Errno ReadDir(Request request, ulong node, ulong cookie, DirSink sink)
    {
        try
        {
            using InodeLease folder = Pin(node);
            if (!folder.Inode.IsDirectory)
            {
                return Errno.ENOTDIR;
            }
            lock (folder.Inode)
            {
                if (folder.Inode.Nlink == 0)
                {
                    return Errno.Ok;
                }
            }
            if (cookie < CookieAfterDot && !sink.Add("."u8, node, FileMode.Directory, CookieAfterDot))
            {
                return Errno.Ok;
            }
            if (cookie < CookieAfterDotDot && !sink.Add(".."u8, folder.Inode.Parent, FileMode.Directory, CookieAfterDotDot))
            {
                return Errno.Ok;
            }
            Span<byte> name = stackalloc byte[Vfs.Vfs.MaxName];
            // The cookie of an entry is its key plus one: names come in the order of their keys, whatever is added or removed meanwhile.
            ulong from = Math.Max(cookie, FolderNames.FirstKey);
            while (true)
            {
                ulong child;
                uint mode;
                int length;
                lock (folder.Inode)
                {
                    if (!FolderNames.TryNext(folder.Inode, from, out DirectoryEntry entry))
                    {
                        if (request is not LocalRequest)
                        {
                            TouchAtime(folder.Inode);
                        }
                        return Errno.Ok;
                    }
                    from = entry.Key + 1;
                    child = entry.Inode;
                    mode = (uint)entry.Type << 12;
                    length = entry.Name.Length;
                    entry.Name.CopyTo(name);
                }
                if (!(sink.Plus ? AddPlus(sink, child, name[..length], mode, from) : sink.Add(name[..length], child, mode, from)))
                {
                    return Errno.Ok;
                }
            }
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    private bool AddPlus(DirSink sink, ulong child, ReadOnlySpan<byte> name, uint mode, ulong next)
    {
        Entry entry;
        try
        {
            using InodeLease node = Pin(child);
            lock (node.Inode)
            {
                // Counted before the sink has it, because the kernel may forget it as soon as the answer is out.
                Count(node.Inode, out entry);
            }
        }
        catch (StoreException e)
        {
            // One damaged inode must not hide its neighbours: it is listed by name, and whoever touches it gets the error.
            Fail(e);
            return sink.Add(name, child, mode, next);
        }
        if (sink.AddPlus(name, entry, next))
        {
            return true;
        }
        Forget(child, 1);
        return false;
    }
}

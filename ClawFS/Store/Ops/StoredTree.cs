using System.Security.Cryptography;
using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Commit;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

/// <summary>
/// The stored nodes of the mount: every operation on them, split by family. A change passes the gate, locks its inodes, checks, appends to the
/// journal and only then touches memory; the answer goes out after that, so that what was answered outlives the process.
/// </summary>
public sealed partial class StoredTree : NodeTree
{
    /// <summary>How long the kernel keeps stored names and attributes: all changes come through it, and the few that do not (lock, repair) invalidate.</summary>
    private const uint CacheSeconds = 3600;

    [ThreadStatic]
    private static SpanWriter? recordWriter;

    private readonly ClawStore store;
    private readonly StoreState state;
    private readonly FsEventSink events;

    internal StoredTree(ClawStore store, FsEventSink events)
    {
        this.store = store;
        this.events = events;
        state = store.State;
    }

    /// <summary>The folder that holds the stored tops ("memory", later "agents" ...), itself never shown.</summary>
    public static ulong RootFolder => StoreHead.RootFolder;

    /// <summary>The folder that holds what the service itself keeps (events), never shown.</summary>
    public static ulong HiddenFolder => StoreHead.HiddenFolder;

    /// <summary>The way back to the kernel; set once the mount exists.</summary>
    public KernelCache Kernel { get; set; } = KernelCache.None;

    private InodeLease Pin(ulong node)
    {
        InodeLease lease = state.Cache.Pin(node);
        if (lease.Inode.Purged)
        {
            lease.Dispose();
            throw new StoreException(Errno.ENOENT, $"inode {node} is gone");
        }
        return lease;
    }

    /// <summary>Refuses a change to an inode that ended after it was pinned, before the journal has it. Precondition: the inode's lock.</summary>
    private static void RequireAlive(Inode inode)
    {
        if (inode.Purged)
        {
            throw new StoreException(Errno.ENOENT, $"inode {inode.Id} is gone");
        }
    }

    /// <summary>A folder that can take and lose names. Precondition: its lock.</summary>
    private static Errno CheckFolder(Inode folder) =>
        !folder.IsDirectory ? Errno.ENOTDIR : folder.Nlink == 0 ? Errno.ENOENT : Errno.Ok;

    /// <summary>An empty journal record with the number of the request.</summary>
    private static SpanWriter Record(Request request)
    {
        SpanWriter writer = recordWriter ??= new SpanWriter(1024);
        writer.Reset();
        writer.U64(request.Unique);
        return writer;
    }

    /// <summary>
    /// Fills an entry and counts the kernel's reference. Precondition: the inode's lock, under which a purge looks at the count; an inode that is purged
    /// already is ENOENT.
    /// </summary>
    private void Count(Inode inode, out Entry entry)
    {
        RequireAlive(inode);
        entry = new Entry { Node = inode.Id, EntrySeconds = CacheSeconds, AttrSeconds = CacheSeconds };
        inode.FillAttr(out entry.Attr);
        state.Cache.CountLookup(inode.Id);
    }

    private Errno Fail(StoreException e)
    {
        if (e.Error is Errno.EIO)
        {
            store.Report(e.Message);
        }
        return e.Error;
    }

    private void Publish(FsEventKind kind, Request request, ulong node, bool directory, ulong parent = 0, ReadOnlySpan<byte> name = default,
        ulong oldParent = 0, ReadOnlySpan<byte> oldName = default, uint pid = 0, ulong replaced = 0)
    {
        if (request is LocalRequest)
        {
            return;
        }
        events.Publish(new FsEvent
        {
            Kind = kind,
            Time = Timestamp.Now,
            Node = node,
            Parent = parent,
            Name = name.IsEmpty ? null : name.ToArray(),
            OldParent = oldParent,
            OldName = oldName.IsEmpty ? null : oldName.ToArray(),
            Replaced = replaced,
            Uid = request.Uid,
            Pid = pid != 0 ? pid : request.Pid,
            IsDirectory = directory,
        });
    }

    private static byte[] NewSalt()
    {
        byte[] salt = new byte[Inode.SaltSize];
        RandomNumberGenerator.Fill(salt);
        return salt;
    }
}

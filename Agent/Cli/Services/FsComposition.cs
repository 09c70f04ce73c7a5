using ClawFS.Crypto;
using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Supervisor;
using ClawFS.Vfs;
using Microsoft.Extensions.Logging;

namespace ClawOS.Cli.Services;

/// <summary>What fs is made of: the store, the generated trees, and the table that joins them. The only place that knows them all.</summary>
internal sealed class FsComposition : IDisposable
{
    private const uint OwnerOnly = 0x1C0;

    private readonly ClawStore store;
    private readonly MountTable table;

    private FsComposition(ClawStore store, MountTable table)
    {
        this.store = store;
        this.table = table;
    }

    /// <summary>What FUSE serves.</summary>
    internal NodeTree Root => table;

    /// <summary>Opens the store; afterwards no path is opened any more.</summary>
    /// <exception cref="KeyException">The key is wrong, or the key slots are damaged.</exception>
    /// <exception cref="StoreException">The store is in use, damaged or newer.</exception>
    internal static FsComposition Open(FsOptions options, Credential credential, bool memoryLocked, ILogger log)
    {
        if (!memoryLocked)
        {
            log.LogWarning("not all memory could be locked: keys are, the rest of this process may be swapped out");
        }

        using Folder folder = Folder.Open(options.Store);
        KeySlots slots = KeySlots.Load(folder);
        using SecretKey master = slots.Unlock(credential);
        ClawStore store = ClawStore.Open(options.Store, master, slots.StoreId, new StoreOptions
        {
            ReadOnly = options.ReadOnly,
            Report = line => log.LogError("{Line}", line),
        });
        if (ProcessIdentity.Uid == 0 && !options.ReadOnly)
        {
            folder.Chown(ServiceUsers.Fs, ServiceUsers.Fs); // What root has just made must be fs's to remove later.
        }

        GeneratedFolder root = new();
        root.AddStored("memory", store.Tree.EnsureTop("memory", OwnerOnly, options.OwnerUid, options.OwnerGid));
        return new FsComposition(store, new MountTable(root, store.Tree, options.OwnerUid, options.OwnerGid) { StoredPath = store.Tree.TryGetPath });
    }

    /// <summary>Gives the trees their way back to the kernel.</summary>
    internal void Attach(FuseConnection connection) => table.Kernel = connection.Cache;

    /// <summary>Takes the channel to a new notify worker.</summary>
    internal void AttachNotify(MessageChannel channel)
    {
        table.Notify?.Dispose();
        table.Notify = new NotifyLink(channel);
    }

    /// <summary>Makes everything that was answered durable.</summary>
    internal void Commit() => store.Commit();

    /// <summary>Saves everything and closes the store.</summary>
    internal void Close() => store.Close();

    public void Dispose() => store.Dispose();
}

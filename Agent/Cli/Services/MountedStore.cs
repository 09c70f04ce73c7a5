using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;
using ClawOS.Cli.Stores;

namespace ClawOS.Cli.Services;

/// <summary>
/// The store behind a mount, open or locked. While it is locked nothing of it is in memory but the kernel's references, which the
/// next opening takes over.
/// </summary>
internal sealed class MountedStore : IDisposable
{
    private readonly FsOptions options;
    private readonly Folder folder;
    private readonly FsEventSink events;
    private readonly Action<string> report;
    private readonly Lock changing = new();
    private volatile ClawStore? open;
    private readonly Anchor? anchor;
    private KeptReferences? kept;

    internal MountedStore(FsOptions options, Credential credential, FsEventSink events, Action<string> report)
    {
        this.options = options;
        this.events = events;
        this.report = report;
        folder = Folder.Open(options.Store);
        anchor = StoreAnchor.Open(KeySlots.Load(folder).StoreId, options.ReadOnly);
        open = OpenWith(credential, null);
    }

    /// <summary>The open store; null while it is locked.</summary>
    internal ClawStore? Current => open;

    /// <summary>The store folder, open since before root was given up.</summary>
    internal Folder Folder => folder;

    /// <summary>Takes the store away from the table, saves it and forgets its keys.</summary>
    internal void Lock(MountTable table)
    {
        lock (changing)
        {
            ClawStore store = open ?? throw new CliException(ExitCodes.Ok, "it is locked already");
            kept = new KeptReferences();
            table.Stored = new LockedTree(kept);
            open = null;
            store.Close();
            Dictionary<ulong, ulong> references = store.References();
            kept.Start(references);
            foreach (ulong node in references.Keys)
            {
                // Content in the kernel's cache would outlive the key.
                table.Kernel.InvalidateInode(node, 0, 0);
            }
        }
    }

    /// <summary>Opens the store again.</summary>
    /// <exception cref="KeyException">The key is wrong; it stays locked.</exception>
    internal void Unlock(MountTable table, Credential credential)
    {
        lock (changing)
        {
            if (open is not null)
            {
                return;
            }
            ClawStore store = OpenWith(credential, kept?.Stop());
            store.Tree.Kernel = table.Kernel;
            open = store;
            table.Stored = store.Tree;
        }
    }

    /// <summary>Saves everything and closes.</summary>
    internal void Close()
    {
        lock (changing)
        {
            open?.Close();
        }
    }

    public void Dispose()
    {
        open?.Dispose();
        anchor?.Dispose();
        folder.Dispose();
    }

    private ClawStore OpenWith(Credential credential, IReadOnlyDictionary<ulong, ulong>? references)
    {
        KeySlots slots = KeySlots.Load(folder);
        using SecretKey master = slots.Unlock(credential);
        return ClawStore.Open(options.Store, master, slots.StoreId, new StoreOptions
        {
            ReadOnly = options.ReadOnly,
            Events = events,
            Report = report,
            References = references,
            Anchor = anchor,
            Quiet = GiveMemoryBack,
            LiveMount = options.LiveMount,
        });
    }

    /// <summary>A collector that is not asked waits for the next allocation, and an idle service makes none: what a busy time needed would stay for ever.</summary>
    private static void GiveMemoryBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}

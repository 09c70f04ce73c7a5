using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;
using ClawOS.Cli.Stores;

namespace ClawOS.Cli.Services;

/// <summary>
/// The store behind a mount, open or locked. While it is locked nothing of it is in memory but the kernel's references, which the
/// next opening takes over. While it is open its key is left in the kernel for a successor.
/// </summary>
internal sealed class MountedStore : IDisposable
{
    /// <summary>How long `claw lock` waits for the kernel. It waits for nothing that could take long, unless the mount goes meanwhile.</summary>
    private static readonly TimeSpan DropLimit = TimeSpan.FromSeconds(10);

    private readonly FsOptions options;
    private readonly Folder folder;
    private readonly FsEventSink events;
    private readonly Action<string> report;
    private readonly Lock changing = new();
    private readonly KeptKey keptKey;
    private volatile ClawStore? open;
    private readonly Anchor? anchor;
    private KeptReferences? kept;

    /// <summary>Opens the store; that of a predecessor's mount stays locked when no key opens it.</summary>
    /// <exception cref="KeyException">The key is wrong, or the key slots are damaged.</exception>
    /// <exception cref="CliException">No key was given, and the kernel has none.</exception>
    internal MountedStore(FsOptions options, Func<Credential?> credential, FsEventSink events, Action<string> report)
    {
        this.options = options;
        this.events = events;
        this.report = report;
        folder = Folder.Open(options.Store);
        KeySlots slots = KeySlots.Load(folder);
        anchor = StoreAnchor.Open(slots.StoreId, options.ReadOnly);
        keptKey = KeptKey.Of(slots.StoreId, options.KernelKeys, report);
        using SecretKey? master = FindKey(slots, credential);
        if (master is null)
        {
            kept = new KeptReferences();
            kept.Start(null);
        }
        else
        {
            open = OpenWith(master, slots, null);
        }
    }

    /// <summary>The open store; null while it is locked.</summary>
    internal ClawStore? Current => open;

    /// <summary>Called with the store when it is open again after a lock, and with null before it is closed.</summary>
    internal Action<ClawStore?> Changing { get; set; } = static _ => { };

    /// <summary>What stands in the place of the store.</summary>
    internal NodeTree Tree => open is { } store ? store.Tree : new LockedTree(kept);

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
            keptKey.Forget();
            Changing(null);
            store.Close();
            Dictionary<ulong, ulong> references = store.References();
            kept.Start(references);
            foreach (ulong node in references.Keys)
            {
                // Content and listings in the kernel's cache would outlive the key.
                table.Kernel.InvalidateInode(node, 0, 0);
            }
            // The kernel is told in this order, so when it has done this, it has done all of them.
            TaskCompletionSource dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);
            table.Kernel.WriteBack(Vfs.RootNode, () => dropped.TrySetResult());
            _ = dropped.Task.Wait(DropLimit);
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
            KeySlots slots = KeySlots.Load(folder);
            using SecretKey master = slots.Unlock(credential);
            ClawStore store = OpenAgain(master, slots);
            store.Tree.Kernel = table.Kernel;
            open = store;
            table.Stored = store.Tree;
            kept?.PassOn(store.Tree);
            Changing(store);
        }
    }

    /// <summary>Saves everything and closes. The key is no longer kept: there will be no successor.</summary>
    internal void Close()
    {
        lock (changing)
        {
            keptKey.Forget();
            Changing(null);
            open?.Close();
        }
    }

    public void Dispose()
    {
        open?.Dispose();
        anchor?.Dispose();
        folder.Dispose();
    }

    private SecretKey? FindKey(KeySlots slots, Func<Credential?> credential)
    {
        if (keptKey.Take(slots) is { } left)
        {
            return left;
        }

        try
        {
            using Credential? given = credential();
            if (given is not null)
            {
                return slots.Unlock(given);
            }
        }
        catch (KeyException error) when (options.Predecessor is not null)
        {
            report($"the store stays locked: {error.Message}");
            return null;
        }

        return options.Predecessor is not null
            ? null
            : throw new CliException(ExitCodes.WrongKey, "the secret was typed and the kernel has not kept the key; run claw up again");
    }

    /// <summary>SQLite opens by path, and fs is a user of its own by now.</summary>
    private ClawStore OpenAgain(SecretKey master, KeySlots slots)
    {
        try
        {
            return OpenWith(master, slots, kept?.Stop());
        }
        catch (LinuxException error) when (error.Error == Errno.EACCES)
        {
            throw new CliException(
                ExitCodes.Failed,
                $"{options.Store}: uid {ProcessIdentity.Uid} of fs may not pass through a folder above it; chmod o+x that folder, or claw down and claw up");
        }
    }

    private ClawStore OpenWith(SecretKey master, KeySlots slots, IReadOnlyDictionary<ulong, ulong>? references)
    {
        ClawStore store = ClawStore.Open(options.Store, master, slots.StoreId, new StoreOptions
        {
            ReadOnly = options.ReadOnly,
            Events = events,
            Report = report,
            References = references,
            Anchor = anchor,
            Quiet = GiveMemoryBack,
            LiveMount = options.Predecessor is not null,
        });
        keptKey.Leave(master);
        return store;
    }

    /// <summary>A collector that is not asked waits for the next allocation, and an idle service makes none: what a busy time needed would stay for ever.</summary>
    private static void GiveMemoryBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}

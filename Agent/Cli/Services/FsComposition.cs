using ClawFS.Crypto;
using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Supervisor;
using ClawFS.Trees;
using ClawFS.Vfs;
using Microsoft.Extensions.Logging;

namespace ClawOS.Cli.Services;

/// <summary>What fs is made of: the store, the generated trees, and the table that joins them. The only place that knows them all.</summary>
internal sealed class FsComposition : IDisposable
{
    private const uint OwnerOnly = 0x1C0;
    private const int EventsWaiting = 32 * 1024;

    private readonly MountedStore mounted;
    private readonly MountTable table;
    private readonly MountFacts facts;
    private readonly EventBus bus;
    private readonly EventLog events;

    private FsComposition(MountedStore mounted, MountTable table, MountFacts facts, EventBus bus, EventLog events)
    {
        this.mounted = mounted;
        this.table = table;
        this.facts = facts;
        this.bus = bus;
        this.events = events;
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

        ErrorLog errors = new();
        MountFacts? facts = null;
        EventBus bus = new(EventsWaiting);
        MountedStore mounted = new(options, credential, bus, line =>
        {
            log.LogError("{Line}", line);
            errors.Add("store", 0, line);
            facts?.FaultsChanged();
        });
        ClawStore store = mounted.Current!;
        if (store.Recovery is { } recovery)
        {
            log.LogInformation("{Recovery}", recovery);
        }

        ulong memory = store.Tree.EnsureTop("memory", OwnerOnly, options.OwnerUid, options.OwnerGid);
        if (ProcessIdentity.Uid == 0 && !options.ReadOnly)
        {
            mounted.Folder.Chown(ServiceUsers.Fs, ServiceUsers.Fs); // What root has just made must be fs's to remove later.
        }

        facts = new MountFacts(mounted, bus);
        MountTable? table = null;
        EventLog events = new(bus, new StoredEvents(mounted), (ulong node, out byte[] path) =>
        {
            path = [];
            return table is not null && table.TryGetPath(node, out path);
        });
        ControlService control = new();
        table = new MountTable(
            ClawRoot.Build(options.Mount, memory, SysFolder.Build(facts, errors, control), events), store.Tree, options.OwnerUid, options.OwnerGid)
        {
            Events = bus,
            StoredPath = (ulong node, out byte[] path) =>
            {
                path = [];
                return mounted.Current is { } current && current.Tree.TryGetPath(node, out path);
            },
        };
        new FsCommands(mounted, table, facts).Register(control);
        return new FsComposition(mounted, table, facts, bus, events);
    }

    /// <summary>Gives the trees their way back to the kernel.</summary>
    internal void Attach(FuseConnection connection)
    {
        table.Kernel = connection.Cache;
        mounted.Current!.Tree.Kernel = connection.Cache;
        facts.Connection = connection;
    }

    /// <summary>Takes the channel to a new notify worker.</summary>
    internal void AttachNotify(MessageChannel channel)
    {
        table.Notify?.Dispose();
        table.Notify = new NotifyLink(channel);
    }

    /// <summary>Makes everything that was answered durable.</summary>
    internal void Commit()
    {
        events.Flush();
        mounted.Current?.Commit();
    }

    /// <summary>Saves everything and closes the store.</summary>
    internal void Close()
    {
        table.Notify?.Dispose();
        events.Dispose();
        mounted.Close();
    }

    public void Dispose()
    {
        bus.Dispose();
        mounted.Dispose();
    }
}

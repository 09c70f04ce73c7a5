using ClawFS.Crypto;
using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Search.Tree;
using ClawFS.Store;
using ClawFS.Supervisor;
using ClawFS.Trees;
using ClawFS.Vfs;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Trees;
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
    private readonly SearchHost search;
    private readonly PolicyHost policies;
    private readonly StoredViews storedViews;
    private readonly ViewRoots views;
    private readonly bool takesOver;

    private FsComposition(MountedStore mounted, MountTable table, MountFacts facts, EventBus bus, EventLog events, SearchHost search, PolicyHost policies, bool takesOver)
    {
        storedViews = new StoredViews(mounted);
        views = new ViewRoots(storedViews.Keep, () => Guard!.Binder);
        _ = table.Root.Add(Views.FileName, views.Folder, listed: false);
        this.search = search;
        this.policies = policies;
        this.takesOver = takesOver;
        this.mounted = mounted;
        this.table = table;
        this.facts = facts;
        this.bus = bus;
        this.events = events;
    }

    /// <summary>What FUSE serves.</summary>
    internal NodeTree Root => table;

    /// <summary>Inode of `memory`.</summary>
    internal required ulong Memory { get; init; }

    /// <summary>fs's side of guard.</summary>
    internal required GuardSide Guard { get; init; }

    /// <summary>The policies in effect, and who is told when they change: subscribe before <see cref="Attach"/>.</summary>
    internal LivePolicies Policies => policies.Policies;

    /// <summary>Told whether the store is locked: at <see cref="Attach"/>, and when that changes.</summary>
    internal Action<bool> LockedChanged { get; set; } = static _ => { };

    /// <summary>Opens the store; afterwards no path is opened any more.</summary>
    /// <param name="options">What fs is started with.</param>
    /// <param name="credential">Asked for when the kernel has not kept the key; null where nobody gave one.</param>
    /// <param name="memoryLocked">Whether all of this process stays out of swap.</param>
    /// <param name="log">Its log.</param>
    /// <exception cref="KeyException">The key is wrong, or the key slots are damaged.</exception>
    /// <exception cref="StoreException">The store is in use, damaged or newer.</exception>
    internal static FsComposition Open(FsOptions options, Func<Credential?> credential, bool memoryLocked, ILogger log)
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
        ulong memory = PrepareStore(options, mounted, log);
        facts = new MountFacts(mounted, bus);
        MountTable? table = null;
        EventLog events = new(bus, new StoredEvents(mounted), (ulong node, out byte[] path) =>
        {
            path = [];
            return table is not null && table.TryGetPath(node, out path);
        });
        ControlService control = new();
        SearchHost search = new(options, mounted, bus, memory, line =>
        {
            log.LogWarning("{Line}", line);
            errors.Add("search", 0, line);
        });
        PolicyHost policies = new(mounted, line =>
        {
            log.LogWarning("{Line}", line);
            errors.Add("policy", 0, line);
        });
        GeneratedFolder sys = SysFolder.Build(facts, errors, control).Add(IndexFolder.FileName, IndexFolder.Build(() => search.Current, errors));
        SearchFolder searchFolder = new(() => search.Current, errors, options.Mount);
        search.Changed = searchFolder.Show;
        GuardSide guard = new(line =>
        {
            log.LogError("{Line}", line);
            errors.Add("guard", 0, line);
        });
        Approvals approvals = new(options.OwnerUid, bus, errors, (id, isYes, uid) => guard.Send(new DecisionFrame(id, isYes, uid)));
        GeneratedFolder root = ClawRoot.Build(options.Mount, memory, sys, events)
            .Add(SearchFolder.FileName, searchFolder).Add(PolicyFolder.FileName, policies.Folder).Add(ApprovalFolder.FileName, approvals.Folder).Add(RunFolder.FileName, guard.Run);
        table = new MountTable(root, mounted.Tree, options.OwnerUid, options.OwnerGid)
        {
            Events = bus,
            StoredPath = (ulong node, out byte[] path) =>
            {
                path = [];
                return mounted.Current is { } current && current.Tree.TryGetPath(node, out path);
            },
        };
        FsComposition composition = new(mounted, table, facts, bus, events, search, policies, options.Predecessor is not null) { Memory = memory, Guard = guard };
        composition.Policies.Changed += guard.Publish;
        _ = new GuardRequests(guard, composition.views, approvals);
        new FsCommands(mounted, table, facts, search, composition.OnLockedChanged).Register(control);
        new IndexCommands(search).Register(control);
        new ViewCommands(composition.views).Register(control);
        return composition;
    }

    /// <summary>Gives the trees their way back to the kernel.</summary>
    internal void Attach(FuseConnection connection)
    {
        if (takesOver)
        {
            // Before there is a way to the kernel: told of a new name it would drop the one it has, and unmount what sandboxes have bound below.
            views.Inherit(storedViews.Read());
        }

        table.Kernel = connection.Cache;
        facts.Connection = connection;
        search.Requests = () => connection.Statistics.Count;
        if (mounted.Current is { } store)
        {
            store.Tree.Kernel = connection.Cache;
        }
        else
        {
            // Which nodes the kernel holds died with the predecessor. So every name is asked for again, and whoever comes by a path gets ENOKEY.
            _ = connection.Cache.DropNames();
            table.Stored = mounted.Tree;
        }

        // The standing queries are there before the kernel's nodes are taken over: their watchers go on.
        search.Prepare();
        policies.Start();
        if (takesOver)
        {
            table.Inherit();
            events.Restarted();
        }

        LockedChanged(mounted.Current is null);
        search.Start();
    }

    /// <summary>Takes the channel to a new notify worker.</summary>
    internal void AttachNotify(MessageChannel channel)
    {
        table.Notify?.Dispose();
        table.Notify = new NotifyLink(channel);
        // What changed while there was no worker.
        table.TouchAll();
    }

    /// <summary>Takes the channel to guard.</summary>
    internal void AttachGuard(MessageChannel channel) => Guard.Attach(channel);

    /// <summary>Told which embed worker is wanted.</summary>
    internal Action<int, bool?> AskForEmbed { set => search.AskForWorker = value; }

    /// <summary>Takes the channel to a new embed worker.</summary>
    internal void AttachEmbed(int place, SeqPacketSocket channel) => search.AttachEmbed(place, channel);

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
        storedViews.Keep([]);
        mounted.Close();
    }

    /// <summary>After `claw lock` and `claw unlock`: the supervisor hears of it, and watchers look again.</summary>
    private void OnLockedChanged()
    {
        bool locked = mounted.Current is null;
        LockedChanged(locked);
        facts.FaultsChanged();
        if (!locked)
        {
            table.TouchAll();
        }
    }

    /// <summary>Makes what a store must have, once it is open. A locked one has it: a predecessor had it open.</summary>
    /// <returns>The inode of `memory`.</returns>
    private static ulong PrepareStore(FsOptions options, MountedStore mounted, ILogger log)
    {
        if (mounted.Current is not { } store)
        {
            log.LogWarning("no key: the store stays locked until claw unlock");
            return options.Predecessor!.Memory;
        }

        if (store.Recovery is { } recovery)
        {
            log.LogInformation("{Recovery}", recovery);
        }

        ulong memory = store.Tree.EnsureTop("memory", OwnerOnly, options.OwnerUid, options.OwnerGid);
        if (ProcessIdentity.Uid == 0 && !options.ReadOnly)
        {
            mounted.Folder.Chown(ServiceUsers.Fs, ServiceUsers.Fs); // What root has just made must be fs's to remove later.
        }

        return memory;
    }

    public void Dispose()
    {
        search.Dispose();
        bus.Dispose();
        mounted.Dispose();
    }
}

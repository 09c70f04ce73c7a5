using System.Reflection;
using ClawFS.Fuse;
using ClawFS.Store;
using ClawFS.Trees;
using ClawFS.Vfs;
using ClawOS.Cli.Stores;

namespace ClawOS.Cli.Services;

/// <summary>What sys/ shows of this fs.</summary>
internal sealed class MountFacts(MountedStore mounted, EventBus bus) : FsFacts
{
    private readonly DateTimeOffset startedAt = DateTimeOffset.UtcNow;

    /// <summary>The connection, once there is one.</summary>
    internal FuseConnection? Connection { get; set; }

    public override string Version { get; } =
        typeof(MountFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public override DateTimeOffset StartedAt => startedAt;

    public override IReadOnlyList<string> Faults
    {
        get
        {
            List<string> faults = [];
            if (mounted.Current is not { } store)
            {
                faults.Add("locked: stored files answer ENOKEY until claw unlock");
                return faults;
            }
            if (RestoredMark.Read(mounted.Folder) is { } made)
            {
                faults.Add($"restored: from the backup of {made}; claw fsck --accept-rollback goes on with it");
            }
            if (store.Anchored == AnchorState.RolledBack)
            {
                faults.Add($"rollback: {store.RollbackLine}");
            }
            if (store.Anchored is AnchorState.None or AnchorState.Unanchored)
            {
                faults.Add("unanchored: no anchor of this store was found in the state folder, so an older copy of it would not have been noticed");
            }
            if (store.Statistics.Scrub.Problems is > 0 and int found)
            {
                faults.Add($"damage: the background check has found {found} problems, sys/errors names them; claw fsck tells what is lost and mends what can be mended");
            }
            if (store.ReadOnly)
            {
                faults.Add("read-only: nothing can be written");
            }
            if (store.Statistics.AvailableBytes == 0)
            {
                faults.Add("disk: the disk of the store is full");
            }
            return faults;
        }
    }

    public override StoreStatistics? Store => mounted.Current?.Statistics;

    public override IEnumerable<Metric> Metrics
    {
        get
        {
            yield return new("claw_events_published_total", "Events published by the trees.", MetricKind.Counter, new Sample(bus.Published));
            yield return new("claw_events_dropped_total", "Events dropped because the bus was full.", MetricKind.Counter, new Sample(bus.Dropped));
            if (Connection is not { } connection)
            {
                yield break;
            }
            IReadOnlyList<FuseOperation> operations = connection.Statistics.Snapshot();
            yield return new("claw_fuse_parked", "Requests that wait for something.", MetricKind.Gauge, new Sample(connection.Parked));
            yield return Of(operations, "claw_fuse_requests_total", "Requests of the kernel.", static o => o.Count);
            yield return Of(operations, "claw_fuse_errors_total", "Requests answered with an error.", static o => o.Errors);
            yield return Of(operations, "claw_fuse_seconds_total", "Time spent in requests.", static o => o.Time.TotalSeconds);
        }
    }

    public override Rejection? SetQuota(ulong bytes)
    {
        try
        {
            if (mounted.Current is not { } store)
            {
                return new Rejection("the store is locked", 0, ClawFS.Linux.Errno.ENOKEY);
            }
            store.SetQuota(bytes);
            return null;
        }
        catch (StoreException e)
        {
            return new Rejection(e.Message, 0, e.Error);
        }
    }

    private static Metric Of(IReadOnlyList<FuseOperation> operations, string name, string help, Func<FuseOperation, double> value) =>
        new(name, help, MetricKind.Counter,
            [.. operations.Select(o => new Sample(value(o), ("opcode", o.Opcode.ToString().ToLowerInvariant())))]);
}

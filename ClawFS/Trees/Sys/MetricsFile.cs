using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/metrics`: everything countable, for Prometheus.</summary>
internal static class MetricsFile
{
    public const string FileName = "metrics";

    public static GeneratedFile Build(FsFacts facts, ErrorLog errors) =>
        GeneratedFile.OfText(() => PrometheusText.Render([.. General(facts, errors), .. OfStore(facts.Store), .. facts.Metrics]));

    private static IEnumerable<Metric> General(FsFacts facts, ErrorLog errors) =>
    [
        new("claw_info", "Always 1; the version is in the label.", MetricKind.Gauge, new Sample(1, ("version", facts.Version))),
        new("claw_uptime_seconds", "Seconds since fs began to serve.", MetricKind.Gauge, new Sample(UptimeFile.Seconds(facts))),
        new("claw_faults", "Reasons for which sys/health says degraded.", MetricKind.Gauge, new Sample(facts.Faults.Count)),
        new("claw_store_locked", "1 while the store has no key.", MetricKind.Gauge, new Sample(facts.Store is null ? 1 : 0)),
        new("claw_errors_total", "Entries ever made in sys/errors.", MetricKind.Counter, new Sample(errors.Total)),
    ];

    private static IEnumerable<Metric> OfStore(StoreStatistics? statistics) => statistics is not StoreStatistics store ? [] :
    [
        new("claw_store_used_bytes", "What the quota counts.", MetricKind.Gauge, new Sample(store.UsedBytes)),
        new("claw_store_quota_bytes", "Most bytes the store may hold, 0 without a limit.", MetricKind.Gauge, new Sample(store.QuotaBytes)),
        new("claw_store_available_bytes", "Disk space that new content may use.", MetricKind.Gauge, new Sample(store.AvailableBytes)),
        new("claw_store_objects", "Files, folders and others.", MetricKind.Gauge, new Sample(store.Inodes)),
        new("claw_store_live_bytes", "Sealed content that files name.", MetricKind.Gauge, new Sample(store.LiveBytes)),
        new("claw_store_segments", "Segment files.", MetricKind.Gauge, new Sample(store.Segments)),
        new("claw_store_journal_bytes", "Length of the journal.", MetricKind.Gauge, new Sample(store.JournalBytes)),
        new("claw_store_dirty_objects", "Objects that the next checkpoint saves.", MetricKind.Gauge, new Sample(store.DirtyObjects)),
        new("claw_store_cached_inodes", "Inodes in memory.", MetricKind.Gauge, new Sample(store.CachedInodes)),
        new("claw_store_known_nodes", "Nodes that the kernel holds.", MetricKind.Gauge, new Sample(store.KnownNodes)),
        new("claw_scrub_rows", "Rows that the last background check has looked at.", MetricKind.Gauge, new Sample(store.Scrub.Rows)),
        new("claw_scrub_blocks", "Blocks that the last background check has read.", MetricKind.Gauge, new Sample(store.Scrub.Blocks)),
        new("claw_scrub_problems", "What the last background check has found.", MetricKind.Gauge, new Sample(store.Scrub.Problems)),
        new("claw_store_writes_held_back_total", "Writes that waited for dead blocks to be taken away.", MetricKind.Counter, new Sample(store.WritesHeldBack)),
        new("claw_store_checkpoints_total", "Checkpoints since the store was opened.", MetricKind.Counter, new Sample(store.Checkpoints)),
    ];
}

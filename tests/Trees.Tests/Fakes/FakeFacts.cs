using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Trees.Tests;

internal sealed class FakeFacts : FsFacts
{
    public List<string> Reasons { get; } = [];
    public ulong Quota { get; private set; } = 1024;
    public bool IsLocked { get; set; }
    public List<Metric> Extra { get; } = [];

    public override string Version => "1.2.3";
    public override DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow.AddSeconds(-100);
    public override IReadOnlyList<string> Faults => Reasons;
    public override StoreStatistics? Store => IsLocked ? null : new StoreStatistics(500, Quota, 7, 400, 1, 4096, 2, 5, 6, 3, 1_000_000);
    public override IEnumerable<Metric> Metrics => Extra;

    public override Rejection? SetQuota(ulong bytes)
    {
        if (bytes == 13)
        {
            return new("less than what is used");
        }
        Quota = bytes;
        return null;
    }
}

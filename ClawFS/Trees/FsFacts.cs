using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>What `sys/` shows and cannot know by itself; the program that composes fs implements it. Members are called often and must not block.</summary>
public abstract class FsFacts
{
    /// <summary>Version of ClawOS.</summary>
    public abstract string Version { get; }

    /// <summary>When fs began to serve.</summary>
    public abstract DateTimeOffset StartedAt { get; }

    /// <summary>What is wrong or weaker than it should be, a line each ("unanchored: ...", "key memory is not locked"); empty = ok.</summary>
    public abstract IReadOnlyList<string> Faults { get; }

    /// <summary>Wakes the watchers of `sys/health`; whoever knows that <see cref="Faults"/> is different now calls it.</summary>
    public Action FaultsChanged { get; internal set; } = static () => { };

    /// <summary>The open store's numbers, or null while the store is locked.</summary>
    public abstract StoreStatistics? Store { get; }

    /// <summary>Metrics beside those of the store: requests by kind, parked requests, events.</summary>
    public abstract IEnumerable<Metric> Metrics { get; }

    /// <summary>Limits the store.</summary>
    /// <param name="bytes">Most bytes, 0 = no limit.</param>
    /// <returns>Null if done, else why not.</returns>
    public abstract Rejection? SetQuota(ulong bytes);
}

using System.Globalization;

namespace ClawOS.Security.Guard;

/// <summary>A sandbox in guard's table: one that guard started, or one that a person started and registered.</summary>
internal abstract class GuardedRun(string id, string policy, int pid, string kind)
{
    private readonly DateTimeOffset startedAt = DateTimeOffset.UtcNow;

    internal string Id => id;

    internal string Policy => policy;

    /// <summary>Makes a version of the policies hold in it.</summary>
    /// <returns>Lines about it; completes in any case.</returns>
    internal abstract Task<IReadOnlyList<string>> FollowAsync(LivePolicies policies);

    /// <summary>Processor seconds, bytes of memory and processes, with tabs between.</summary>
    protected abstract string Usage();

    /// <summary>Its line in the list; <see cref="RunTable.Head"/> names the columns.</summary>
    public override string ToString() => string.Join('\t', id, policy, pid.ToString(CultureInfo.InvariantCulture), kind, startedAt.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), Usage());
}

namespace ClawOS.Security.Cgroups;

/// <summary>
/// What the processes of a group have used since it was made, those that have ended included. Null is what this host does not count. What stopped a process can be told apart:
/// <see cref="OomKills"/>, <see cref="ForksRefused"/> and <see cref="ThrottledPeriods"/> each grow for one limit only.
/// </summary>
public sealed record CgroupUsage
{
    /// <summary>Processor time of all processes, user and kernel.</summary>
    public TimeSpan? CpuTime { get; init; }

    /// <summary>Periods of 100 ms in which the group had something to run while a processor limit was set.</summary>
    public long? Periods { get; init; }

    /// <summary>How many of them ended with the limit used up, so that processes had to wait.</summary>
    public long? ThrottledPeriods { get; init; }

    /// <summary>How long they waited, summed over the processors.</summary>
    public TimeSpan? ThrottledTime { get; init; }

    /// <summary>Memory in use now, page cache included, in bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The most it has been, in bytes.</summary>
    public long? MemoryPeakBytes { get; init; }

    /// <summary>How often the memory limit was met, so that something had to be taken back before more was given.</summary>
    public long? MemoryLimitHits { get; init; }

    /// <summary>Processes that the kernel killed because the memory limit was met and nothing could be taken back.</summary>
    public long? OomKills { get; init; }

    /// <summary>Processes and threads now; who has ended counts until somebody has waited for it, as it does for the limit.</summary>
    public long? Processes { get; init; }

    /// <summary>The most there have been at once (Linux 6.1 and later).</summary>
    public long? ProcessesPeak { get; init; }

    /// <summary>How often fork or clone was refused (EAGAIN) for the limit on processes.</summary>
    public long? ForksRefused { get; init; }
}

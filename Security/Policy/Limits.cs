namespace ClawOS.Security.Policy;

/// <summary>The budgets of one run. Null: no limit by this policy.</summary>
/// <param name="CpuPercent">Processor time, in hundredths of one processor: 250 is two and a half of them. 1 to 100,000.</param>
/// <param name="MemoryBytes">Memory with its page cache, in bytes.</param>
/// <param name="Processes">Processes and threads at one time.</param>
/// <param name="DiskBytes">Scratch space in the view (what is not a granted path), and the largest file that may be written anywhere, in bytes.</param>
/// <param name="WallTime">From start to end.</param>
/// <param name="Tokens">Model tokens, in and out.</param>
/// <param name="Cost">What models may cost, in US dollars.</param>
public sealed record Limits(int? CpuPercent = null, long? MemoryBytes = null, int? Processes = null, long? DiskBytes = null, TimeSpan? WallTime = null, long? Tokens = null, decimal? Cost = null);

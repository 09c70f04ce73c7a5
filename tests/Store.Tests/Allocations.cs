namespace ClawFS.Store.Tests;

/// <summary>Counts what a piece of code allocates on the GC heap.</summary>
internal static class Allocations
{
    /// <summary>Bytes allocated by the last of many runs: the first ones pay for tiering, caches and buffers that grow.</summary>
    public static long Of(Action action)
    {
        for (int i = 0; i < 200; i++)
            action();
        long least = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}

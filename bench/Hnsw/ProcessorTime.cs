using System.Runtime.InteropServices;

namespace ClawOS.Bench.Hnsw;

/// <summary>Time that the calling thread had a processor (CLOCK_THREAD_CPUTIME_ID): on an idle machine the same as the wall's, on a loaded one still true.</summary>
internal static partial class ProcessorTime
{
    private const int ThreadClock = 3;

    /// <summary>In seconds.</summary>
    public static double Now => Read(ThreadClock, out Timespec time) == 0 ? time.Seconds + (time.Nanoseconds * 1e-9) : throw new InvalidOperationException("clock_gettime failed");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Read(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

using System.Buffers.Binary;

namespace ClawOS.Mounting.Posix;

/// <summary>
/// File times of the kernel come from a clock that moves once a timer tick (CLOCK_REALTIME_COARSE), a server's from the exact one.
/// After a tick both give later times than anything before it.
/// </summary>
public static class ClockTick
{
    private const int Realtime = 0, RealtimeCoarse = 5;

    public static void Wait()
    {
        long now = Read(Realtime);
        while (Read(RealtimeCoarse) <= now)
            Thread.Yield();
    }

    private static long Read(int clock)
    {
        Span<byte> time = stackalloc byte[16];
        Reply.Of(Native.ClockGetTime(clock, time)).Must("clock_gettime");
        return BinaryPrimitives.ReadInt64LittleEndian(time) * 1_000_000_000 + BinaryPrimitives.ReadInt64LittleEndian(time[8..]);
    }
}

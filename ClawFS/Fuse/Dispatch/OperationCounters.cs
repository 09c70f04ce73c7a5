using System.Diagnostics;
using ClawFS.Linux;

namespace ClawFS.Fuse.Dispatch;

/// <summary>
/// Counts, errors and time of one thread, or of all parked requests. One array a thread keeps the cache lines of threads apart. An operation is
/// counted before its answer goes out, so that whoever has the answer finds it counted, and its time is added after.
/// </summary>
internal sealed class OperationCounters
{
    /// <summary>Opcodes from here on are counted as <see cref="FuseOpcode.None"/>.</summary>
    internal const int Opcodes = (int)FuseOpcode.CopyFileRange64 + 1;

    // 8 longs an opcode = one cache line; three are used.
    private const int Stride = 8;
    private readonly long[] cells = new long[Opcodes * Stride];

    /// <summary>Counts an operation of the thread that owns these counters.</summary>
    internal void Count(FuseOpcode opcode, Errno error)
    {
        Span<long> cell = Cell(opcode);
        Volatile.Write(ref cell[0], cell[0] + 1);
        Volatile.Write(ref cell[1], cell[1] + (error == Errno.Ok ? 0 : 1));
    }

    /// <summary>Adds the time of an operation that was counted.</summary>
    internal void AddTime(FuseOpcode opcode, long started)
    {
        Span<long> cell = Cell(opcode);
        Volatile.Write(ref cell[2], cell[2] + Stopwatch.GetTimestamp() - started);
    }

    /// <summary>Counts an operation that any thread may finish.</summary>
    internal void CountShared(FuseOpcode opcode, Errno error)
    {
        Span<long> cell = Cell(opcode);
        Interlocked.Increment(ref cell[0]);
        Interlocked.Add(ref cell[1], error == Errno.Ok ? 0 : 1);
    }

    /// <summary>Adds the time of an operation that was counted so.</summary>
    internal void AddTimeShared(FuseOpcode opcode, long started) =>
        Interlocked.Add(ref Cell(opcode)[2], Stopwatch.GetTimestamp() - started);

    /// <summary>Adds what has been counted to sums of (count, errors, ticks).</summary>
    internal void AddTo(Span<(long Count, long Errors, long Ticks)> sums)
    {
        for (int opcode = 0; opcode < Opcodes; opcode++)
        {
            Span<long> cell = Cell((FuseOpcode)opcode);
            sums[opcode].Count += Volatile.Read(ref cell[0]);
            sums[opcode].Errors += Volatile.Read(ref cell[1]);
            sums[opcode].Ticks += Volatile.Read(ref cell[2]);
        }
    }

    private Span<long> Cell(FuseOpcode opcode) => cells.AsSpan((uint)opcode < Opcodes ? (int)opcode * Stride : 0, Stride);
}

using System.Diagnostics;
using ClawFS.Fuse.Dispatch;

namespace ClawFS.Fuse;

/// <summary>One kind of request since the connection began.</summary>
/// <param name="Opcode">The kind; <see cref="FuseOpcode.None"/> stands for unknown ones.</param>
/// <param name="Count">How many were answered (or taken, where there is no answer).</param>
/// <param name="Errors">How many of them with an error.</param>
/// <param name="Time">Time from arrival to answer, waiting while parked included.</param>
public readonly record struct FuseOperation(FuseOpcode Opcode, long Count, long Errors, TimeSpan Time);

/// <summary>What the connection has done, for <c>sys/metrics</c>.</summary>
public sealed class FuseStatistics
{
    private readonly Lock gate = new();
    private readonly List<OperationCounters> counters = [];

    internal OperationCounters NewCounters()
    {
        OperationCounters made = new();
        lock (gate)
        {
            counters.Add(made);
        }

        return made;
    }

    /// <summary>Requests that have come.</summary>
    public long Count => Snapshot().Sum(static operation => operation.Count);

    /// <summary>Every kind of request that has come, by opcode. Taken while the threads go on, so sums may be an operation apart.</summary>
    public IReadOnlyList<FuseOperation> Snapshot()
    {
        var sums = new (long Count, long Errors, long Ticks)[OperationCounters.Opcodes];
        lock (gate)
        {
            foreach (OperationCounters each in counters)
            {
                each.AddTo(sums);
            }
        }

        List<FuseOperation> operations = [];
        for (int opcode = 0; opcode < sums.Length; opcode++)
        {
            (long count, long errors, long ticks) = sums[opcode];
            if (count != 0)
            {
                operations.Add(new FuseOperation((FuseOpcode)opcode, count, errors, Stopwatch.GetElapsedTime(0, ticks)));
            }
        }

        return operations;
    }
}

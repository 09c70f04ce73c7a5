using ClawFS.Linux;

namespace ClawFS.Vectors.Memory;

/// <summary>One fixed-size row a slot, in native memory that grows at its end and never moves. New rows are zeros.</summary>
internal sealed unsafe class Column : IDisposable
{
    private readonly ReservedMemory memory;
    private readonly int stride;

    /// <summary>Reserves room for <see cref="SlotTable.MostSlots"/> rows, or as many as asked.</summary>
    /// <param name="stride">Bytes a row.</param>
    /// <param name="hugePages">For large rows that are read at random.</param>
    /// <param name="rows">Rows it can grow to.</param>
    public Column(int stride, bool hugePages, long rows = SlotTable.MostSlots)
    {
        this.stride = stride;
        memory = new ReservedMemory(rows * stride, hugePages);
    }

    /// <summary>The first row.</summary>
    public byte* Address => memory.Address;

    /// <summary>Rows that may be touched.</summary>
    public long Rows => memory.Committed / stride;

    /// <summary>Bytes taken, as far as they were touched.</summary>
    public long Bytes(long rows) => rows * stride;

    /// <summary>Makes the first rows usable. One thread at a time.</summary>
    public void Grow(long rows) => memory.Commit(rows * stride);

    public void Dispose() => memory.Dispose();
}

using System.Runtime.CompilerServices;
using ClawFS.Vectors.Kernels;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

/// <summary>By the inner product of floats.</summary>
internal readonly unsafe struct FloatDot : IMeasure<FloatDot>
{
    private readonly float* query;
    private readonly float* rows;
    private readonly int stride;

    private FloatDot(float* query, float* rows, int stride)
    {
        this.query = query;
        this.rows = rows;
        this.stride = stride;
    }

    public static FloatDot FromQuery(SearchContext context, SlotTable slots) => new(context.Query, slots.Floats, slots.FloatStride);

    public static FloatDot FromSlot(SearchContext context, SlotTable slots, uint slot) =>
        new(slots.Floats + ((long)slot * slots.FloatStride), slots.Floats, slots.FloatStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Key(uint slot) => OrderedFloat.ToBits(-Kernel.Dot(query, rows + ((long)slot * stride), stride));

    public uint Between(uint one, uint other) => OrderedFloat.ToBits(-Kernel.Dot(rows + ((long)one * stride), rows + ((long)other * stride), stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint slot) => Lines.Prefetch((byte*)(rows + ((long)slot * stride)), stride * sizeof(float));
}

/// <summary>By the squared Euclidean distance of floats.</summary>
internal readonly unsafe struct FloatL2 : IMeasure<FloatL2>
{
    private readonly float* query;
    private readonly float* rows;
    private readonly int stride;

    private FloatL2(float* query, float* rows, int stride)
    {
        this.query = query;
        this.rows = rows;
        this.stride = stride;
    }

    public static FloatL2 FromQuery(SearchContext context, SlotTable slots) => new(context.Query, slots.Floats, slots.FloatStride);

    public static FloatL2 FromSlot(SearchContext context, SlotTable slots, uint slot) =>
        new(slots.Floats + ((long)slot * slots.FloatStride), slots.Floats, slots.FloatStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Key(uint slot) => OrderedFloat.ToBits(Kernel.L2(query, rows + ((long)slot * stride), stride));

    public uint Between(uint one, uint other) => OrderedFloat.ToBits(Kernel.L2(rows + ((long)one * stride), rows + ((long)other * stride), stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint slot) => Lines.Prefetch((byte*)(rows + ((long)slot * stride)), stride * sizeof(float));
}

/// <summary>Floats as unsigned integers of the same order.</summary>
internal static class OrderedFloat
{
    /// <summary>Negative numbers have all bits turned, others the sign alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ToBits(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        return (uint)(bits ^ ((bits >> 31) | int.MinValue));
    }

    /// <summary>Back again.</summary>
    public static float FromBits(uint ordered)
    {
        int bits = (int)ordered;
        return BitConverter.Int32BitsToSingle(bits ^ (~(bits >> 31) | int.MinValue));
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using ClawFS.Vectors.Kernels;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

/// <summary>By the inner product of codes: cosine (of unit vectors) and dot.</summary>
internal readonly unsafe struct CodeDot : IMeasure<CodeDot>
{
    // Products of codes stay within 127 * 127 * 4096 < 2^27 either way.
    private const uint Middle = 1u << 30;
    private readonly QueryCode query;
    private readonly sbyte* codes;
    private readonly int stride;
    private readonly uint top;

    private CodeDot(QueryCode query, sbyte* codes, int stride)
    {
        this.query = query;
        this.codes = codes;
        this.stride = stride;
        top = Middle - (uint)query.Bias;
    }

    public static CodeDot FromQuery(SearchContext context, SlotTable slots) =>
        new(QueryCode.Prepare(context.Code, context.Magnitudes, context.Signs, slots.CodeStride), context.Codes!.Address, slots.CodeStride);

    public static CodeDot FromSlot(SearchContext context, SlotTable slots, uint slot)
    {
        sbyte* codes = context.Codes!.Address;
        return new(QueryCode.Prepare(codes + ((long)slot * slots.CodeStride), context.Magnitudes, context.Signs, slots.CodeStride), codes, slots.CodeStride);
    }

    /// <summary>The inner product that a key stands for.</summary>
    public static int Product(uint key) => (int)(Middle - key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Key(uint slot) => top - (uint)Kernel.Dot(query, codes + ((long)slot * stride), stride);

    public uint Between(uint one, uint other) => Middle - (uint)Kernel.Dot(codes + ((long)one * stride), codes + ((long)other * stride), stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint slot) => Lines.Prefetch((byte*)codes + ((long)slot * stride), stride);
}

/// <summary>By the squared Euclidean distance of codes.</summary>
internal readonly unsafe struct CodeL2 : IMeasure<CodeL2>
{
    private readonly sbyte* query;
    private readonly sbyte* codes;
    private readonly int stride;

    private CodeL2(sbyte* query, sbyte* codes, int stride)
    {
        this.query = query;
        this.codes = codes;
        this.stride = stride;
    }

    public static CodeL2 FromQuery(SearchContext context, SlotTable slots) => new(context.Code, context.Codes!.Address, slots.CodeStride);

    public static CodeL2 FromSlot(SearchContext context, SlotTable slots, uint slot) =>
        new(context.Codes!.Address + ((long)slot * slots.CodeStride), context.Codes.Address, slots.CodeStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Key(uint slot) => (uint)Kernel.L2(query, codes + ((long)slot * stride), stride);

    public uint Between(uint one, uint other) => (uint)Kernel.L2(codes + ((long)one * stride), codes + ((long)other * stride), stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint slot) => Lines.Prefetch((byte*)codes + ((long)slot * stride), stride);
}

/// <summary>Cache lines.</summary>
internal static unsafe class Lines
{
    /// <summary>The processor's own prefetcher takes over after this many bytes.</summary>
    private const int Ahead = 512;

    /// <summary>Asks for the start of a row; does nothing where the processor has no such instruction in .NET.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* row, int length)
    {
        if (!Sse.IsSupported)
            return;
        length = Math.Min(length, Ahead);
        for (int i = 0; i < length; i += 64)
            Sse.Prefetch0(row + i);
    }

    /// <summary>Asks for a whole row, for one that comes alone.</summary>
    public static void PrefetchAll(byte* row, int length)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < length; i += 64)
            Sse.Prefetch0(row + i);
    }
}

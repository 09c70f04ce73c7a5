using System.Buffers.Binary;

namespace ClawOS.Security.Seccomp.Bpf;

/// <summary>struct sock_filter (linux/filter.h): one instruction of classic BPF.</summary>
/// <param name="Code">What it does.</param>
/// <param name="IfTrue">Instructions to skip if a comparison holds.</param>
/// <param name="IfFalse">Instructions to skip if it does not.</param>
/// <param name="Value">Its constant.</param>
internal readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value)
{
    /// <summary>Bytes of one instruction.</summary>
    internal const int Size = 8;

    /// <summary>The longest program that the kernel takes (BPF_MAXINSNS).</summary>
    internal const int MaxCount = 4096;

    internal const ushort LoadWord = 0x20, And = 0x54, Jump = 0x05, JumpIfEqual = 0x15, JumpIfGreater = 0x25, JumpIfAtLeast = 0x35, JumpIfAnyBit = 0x45, Return = 0x06;

    internal void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, Code);
        to[2] = IfTrue;
        to[3] = IfFalse;
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], Value);
    }

    internal static Instruction Read(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadUInt16LittleEndian(from), from[2], from[3], BinaryPrimitives.ReadUInt32LittleEndian(from[4..]));
}

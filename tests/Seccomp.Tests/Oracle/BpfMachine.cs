using System.Buffers.Binary;

namespace ClawOS.Security.Seccomp.Tests.Oracle;

/// <summary>
/// Classic BPF as seccomp has it, written from the kernel's documentation and on purpose without the compiler's own types: checks a program as the kernel does
/// when it is installed (bpf_check_classic, seccomp_check_filter) and runs it.
/// </summary>
internal sealed class BpfMachine
{
    private readonly (ushort Code, byte IfTrue, byte IfFalse, uint Value)[] program;

    internal BpfMachine(byte[] filter)
    {
        Assert.True(filter.Length % 8 == 0 && filter.Length is > 0 and <= 4096 * 8, $"{filter.Length} bytes");
        program = [.. Enumerable.Range(0, filter.Length / 8).Select(i => Read(filter.AsSpan(i * 8)))];
        for (int i = 0; i < program.Length; i++)
        {
            Check(i);
        }

        Assert.Equal(0x06, program[^1].Code);
    }

    internal int Length => program.Length;

    /// <summary>The returned value.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="loads">Gets the offsets of what the program looked at on its way; may be null.</param>
    internal uint Run(Call call, ISet<uint>? loads = null)
    {
        byte[] data = call.Data();
        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            (ushort code, byte ifTrue, byte ifFalse, uint value) = program[at];
            switch (code)
            {
                case 0x20:
                    accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)value));
                    loads?.Add(value);
                    break;
                case 0x54:
                    accumulator &= value;
                    break;
                case 0x05:
                    at += (int)value;
                    break;
                case 0x15:
                    at += accumulator == value ? ifTrue : ifFalse;
                    break;
                case 0x25:
                    at += accumulator > value ? ifTrue : ifFalse;
                    break;
                case 0x35:
                    at += accumulator >= value ? ifTrue : ifFalse;
                    break;
                case 0x45:
                    at += (accumulator & value) != 0 ? ifTrue : ifFalse;
                    break;
                case 0x06:
                    return value;
                default:
                    throw new InvalidOperationException($"instruction {code:x} at {at}");
            }
        }
    }

    /// <summary>Instructions that no call can reach.</summary>
    internal IEnumerable<int> Unreachable()
    {
        bool[] reached = new bool[program.Length];
        reached[0] = true;
        for (int i = 0; i < program.Length; i++)
        {
            if (!reached[i] || program[i].Code == 0x06)
            {
                continue;
            }

            (ushort code, byte ifTrue, byte ifFalse, uint value) = program[i];
            if ((code & 0x07) != 0x05)
            {
                reached[i + 1] = true;
            }
            else if (code == 0x05)
            {
                reached[i + 1 + (int)value] = true;
            }
            else
            {
                reached[i + 1 + ifTrue] = reached[i + 1 + ifFalse] = true;
            }
        }

        return Enumerable.Range(0, program.Length).Where(i => !reached[i]);
    }

    private void Check(int at)
    {
        (ushort code, byte ifTrue, byte ifFalse, uint value) = program[at];
        switch (code)
        {
            case 0x20:
                Assert.True(value < 64 && value % 4 == 0, $"load of {value} at {at}");
                break;
            case 0x05:
                Assert.True(at + 1L + value < program.Length, $"jump out of the program at {at}");
                break;
            case 0x15 or 0x25 or 0x35 or 0x45:
                Assert.True(at + 1 + Math.Max(ifTrue, ifFalse) < program.Length, $"jump out of the program at {at}");
                break;
            default:
                Assert.True(code is 0x06 or 0x54, $"instruction {code:x} at {at}");
                break;
        }
    }

    private static (ushort, byte, byte, uint) Read(ReadOnlySpan<byte> from) =>
        (BinaryPrimitives.ReadUInt16LittleEndian(from), from[2], from[3], BinaryPrimitives.ReadUInt32LittleEndian(from[4..]));
}

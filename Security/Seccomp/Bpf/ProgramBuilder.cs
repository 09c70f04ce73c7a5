namespace ClawOS.Security.Seccomp.Bpf;

/// <summary>
/// Assembles a program from its end to its beginning. Jumps in BPF only lead forward, so every target is already there and its distance known.
/// A comparison reaches 255 instructions; what is farther gets a copy of the return, or an unconditional jump, right behind the comparison.
/// </summary>
internal sealed class ProgramBuilder
{
    /// <summary>One less than a comparison reaches: its other branch may put one more instruction between.</summary>
    private const int Reach = byte.MaxValue - 1;

    private readonly List<Instruction> reversed = [];
    private readonly Dictionary<uint, int> returns = [];

    /// <summary>Instructions so far, and the place of the one that was added last.</summary>
    internal int Count => reversed.Count;

    /// <summary>A comparison of the accumulator with <paramref name="value"/>.</summary>
    internal Target Compare(ushort code, uint value, Target ifTrue, Target ifFalse)
    {
        int yes = Near(ifTrue), no = Near(ifFalse);
        return Add(new(code, (byte)Distance(yes), (byte)Distance(no), value));
    }

    /// <summary>Loads a word of seccomp_data and goes on with what was added last.</summary>
    internal Target Load(uint offset) => Add(new(Instruction.LoadWord, 0, 0, offset));

    /// <summary>Keeps the accumulator's bits under a mask and goes on with what was added last.</summary>
    internal Target And(uint mask) => Add(new(Instruction.And, 0, 0, mask));

    /// <summary>Makes <paramref name="target"/> what was added last, so that a load can go on with it.</summary>
    internal void Adjoin(Target target)
    {
        if (target.IsReturn)
        {
            AddReturn(target.Value);
        }
        else if (target.Place != Count)
        {
            AddJump(target.Place);
        }
    }

    /// <summary>The program, as the kernel takes it.</summary>
    /// <exception cref="SeccompException">It is longer than the kernel allows.</exception>
    internal byte[] ToBytes()
    {
        if (Count > Instruction.MaxCount)
        {
            throw new SeccompException($"the filter needs {Count} instructions, the kernel takes {Instruction.MaxCount}");
        }

        byte[] program = new byte[Count * Instruction.Size];
        for (int i = 0; i < Count; i++)
        {
            reversed[^(i + 1)].Write(program.AsSpan(i * Instruction.Size));
        }

        return program;
    }

    /// <summary>A place within reach that leads to the target.</summary>
    private int Near(Target target)
    {
        if (target.IsReturn)
        {
            return returns.TryGetValue(target.Value, out int copy) && Distance(copy) <= Reach ? copy : AddReturn(target.Value);
        }

        return Distance(target.Place) <= Reach ? target.Place : AddJump(target.Place);
    }

    private int AddReturn(uint value)
    {
        Add(new(Instruction.Return, 0, 0, value));
        return returns[value] = Count;
    }

    private int AddJump(int place)
    {
        Add(new(Instruction.Jump, 0, 0, (uint)Distance(place)));
        return Count;
    }

    /// <summary>Instructions that the one added next has to skip to get there.</summary>
    private int Distance(int place) => Count - place;

    private Target Add(Instruction instruction)
    {
        reversed.Add(instruction);
        return Target.At(Count);
    }
}

namespace ClawOS.Security.Seccomp.Bpf;

/// <summary>Where a comparison of half an argument leads.</summary>
internal enum Outcome
{
    /// <summary>To the argument's next comparison.</summary>
    Next,

    /// <summary>The condition holds.</summary>
    Holds,

    /// <summary>It does not.</summary>
    Fails,
}

/// <summary>A comparison of 32 bits, and where it leads. A condition on 64 bits is up to three of them: the upper half decides, or leaves it to the lower.</summary>
/// <param name="Offset">The half, in seccomp_data.</param>
/// <param name="Mask">The bits of it that count; null for all.</param>
/// <param name="Code">The comparison's instruction.</param>
/// <param name="Value">With what.</param>
/// <param name="IfTrue">Where it leads if it holds.</param>
/// <param name="IfFalse">Where it leads if not.</param>
internal readonly record struct WordTest(uint Offset, uint? Mask, ushort Code, uint Value, Outcome IfTrue, Outcome IfFalse)
{
    /// <summary>The comparisons of a condition, in order.</summary>
    internal static List<WordTest> Of(ArgumentTest test) => test.Comparison switch
    {
        Comparison.Equal => Same(test, Outcome.Holds, Outcome.Fails),
        Comparison.NotEqual => Same(test, Outcome.Fails, Outcome.Holds),
        Comparison.Greater => Ordered(test, Instruction.JumpIfGreater, Outcome.Holds, Outcome.Fails),
        Comparison.GreaterOrEqual => Ordered(test, Instruction.JumpIfAtLeast, Outcome.Holds, Outcome.Fails),
        Comparison.Less => Ordered(test, Instruction.JumpIfAtLeast, Outcome.Fails, Outcome.Holds),
        Comparison.LessOrEqual => Ordered(test, Instruction.JumpIfGreater, Outcome.Fails, Outcome.Holds),
        _ => Masked(test),
    };

    private static List<WordTest> Same(ArgumentTest test, Outcome same, Outcome other) =>
    [
        new(SeccompData.HighHalf(test.Index), null, Instruction.JumpIfEqual, High(test.Value), Outcome.Next, other),
        new(SeccompData.LowHalf(test.Index), null, Instruction.JumpIfEqual, (uint)test.Value, same, other),
    ];

    private static List<WordTest> Ordered(ArgumentTest test, ushort lowHalf, Outcome above, Outcome other) =>
    [
        new(SeccompData.HighHalf(test.Index), null, Instruction.JumpIfGreater, High(test.Value), above, Outcome.Next),
        new(SeccompData.HighHalf(test.Index), null, Instruction.JumpIfEqual, High(test.Value), Outcome.Next, other),
        new(SeccompData.LowHalf(test.Index), null, lowHalf, (uint)test.Value, above, other),
    ];

    private static List<WordTest> Masked(ArgumentTest test)
    {
        List<WordTest> tests = [];
        if (High(test.Value) != 0)
        {
            tests.Add(MaskedHalf(SeccompData.HighHalf(test.Index), High(test.Value), High(test.ValueTwo), (uint)test.Value == 0 ? Outcome.Holds : Outcome.Next));
        }

        if ((uint)test.Value != 0)
        {
            tests.Add(MaskedHalf(SeccompData.LowHalf(test.Index), (uint)test.Value, (uint)test.ValueTwo, Outcome.Holds));
        }

        return tests;
    }

    private static WordTest MaskedHalf(uint offset, uint mask, uint wanted, Outcome same) => wanted switch
    {
        0 => new(offset, null, Instruction.JumpIfAnyBit, mask, Outcome.Fails, same),
        _ when mask == wanted && uint.IsPow2(mask) => new(offset, null, Instruction.JumpIfAnyBit, mask, same, Outcome.Fails),
        _ => new(offset, mask == uint.MaxValue ? null : mask, Instruction.JumpIfEqual, wanted, same, Outcome.Fails),
    };

    private static uint High(ulong value) => (uint)(value >> 32);
}

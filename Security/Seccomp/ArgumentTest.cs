namespace ClawOS.Security.Seccomp;

/// <summary>
/// A condition on one argument of a system call. All 64 bits are compared, but the kernel takes many arguments as 32 bits and ignores what
/// stands above: whoever refuses a value of such an argument masks it with 0xFFFFFFFF, else the refusal is avoided by setting an upper bit.
/// </summary>
/// <param name="Index">Which argument, 0 to 5.</param>
/// <param name="Comparison">How.</param>
/// <param name="Value">With what; the mask of <see cref="Comparison.MaskedEqual"/>.</param>
/// <param name="ValueTwo">What the masked bits are to be; 0 for all other comparisons.</param>
public readonly record struct ArgumentTest(int Index, Comparison Comparison, ulong Value, ulong ValueTwo = 0)
{
    /// <summary>A call's arguments.</summary>
    internal const int MaxArguments = 6;

    private static readonly string[] s_names = ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

    /// <summary>In the order of <see cref="Seccomp.Comparison"/>.</summary>
    internal static IReadOnlyList<string> ProfileNames => s_names;

    /// <summary>Whether it holds for a call with this argument.</summary>
    public bool Holds(ulong argument) => Comparison switch
    {
        Comparison.NotEqual => argument != Value,
        Comparison.Less => argument < Value,
        Comparison.LessOrEqual => argument <= Value,
        Comparison.Equal => argument == Value,
        Comparison.GreaterOrEqual => argument >= Value,
        Comparison.Greater => argument > Value,
        _ => (argument & Value) == ValueTwo,
    };

    /// <summary>Whether the answer is the same for every argument; such a condition is a mistake.</summary>
    internal bool IsConstant => Comparison switch
    {
        Comparison.Less or Comparison.GreaterOrEqual => Value == 0,
        Comparison.LessOrEqual or Comparison.Greater => Value == ulong.MaxValue,
        Comparison.MaskedEqual => Value == 0 || (ValueTwo & ~Value) != 0,
        _ => false,
    };
}

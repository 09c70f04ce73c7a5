using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Language;

/// <summary>What a key takes.</summary>
internal enum ValueShape
{
    Text,
    Integer,
    Texts,
    Integers,
    Boolean,
}

/// <summary>One key that a policy may have.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Shape">What it takes.</param>
/// <param name="Check">Finds the fault of a text, or of a number or a truth as a text; of a list, of each item.</param>
internal sealed record PolicyKey(string Name, ValueShape Shape, Func<string, Fault?> Check)
{
    /// <summary>Whether the table is refused without it.</summary>
    internal bool IsRequired { get; init; }

    /// <summary>Whether a list may be empty; where one says "any" by its absence, an empty one would say the opposite.</summary>
    internal bool MayBeEmpty { get; init; }

    /// <summary>Whether an item may be repeated, because its position counts.</summary>
    internal bool MayRepeat { get; init; }

    internal bool IsList => Shape is ValueShape.Texts or ValueShape.Integers;

    internal bool IsBoolean => Shape is ValueShape.Boolean;

    internal bool IsInteger => Shape is ValueShape.Integer or ValueShape.Integers;
}

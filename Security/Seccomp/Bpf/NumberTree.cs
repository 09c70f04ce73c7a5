namespace ClawOS.Security.Seccomp.Bpf;

/// <summary>
/// Finds a number's answer: a balanced tree of "at least" comparisons, whose leaves are runs with one answer and up to <see cref="MaxExceptions"/> single
/// numbers that differ. An exception costs one comparison where two more borders would cost two. Leaves are chosen for the shortest program.
/// </summary>
internal static class NumberTree
{
    /// <summary>More would make the way through a leaf longer than the way to it.</summary>
    private const int MaxExceptions = 3;

    /// <summary>Adds the tree to a program.</summary>
    /// <returns>Where it begins; the accumulator is to hold the number there.</returns>
    internal static Target Add(ProgramBuilder program, List<NumberRun> runs) => Subtree(program, Leaves(runs));

    private static Target Subtree(ProgramBuilder program, ReadOnlySpan<Leaf> leaves)
    {
        if (leaves.Length == 1)
        {
            return AddLeaf(program, leaves[0]);
        }

        int middle = leaves.Length / 2;
        Target high = Subtree(program, leaves[middle..]);
        Target low = Subtree(program, leaves[..middle]);
        return program.Compare(Instruction.JumpIfAtLeast, leaves[middle].First, high, low);
    }

    private static Target AddLeaf(ProgramBuilder program, Leaf leaf)
    {
        Target next = leaf.Target;
        foreach (NumberRun exception in Enumerable.Reverse(leaf.Exceptions))
        {
            next = program.Compare(Instruction.JumpIfEqual, exception.First, exception.Target, next);
        }

        return next;
    }

    /// <summary>Cuts the runs into the leaves that need the fewest comparisons, by dynamic programming over where the last leaf begins.</summary>
    private static Leaf[] Leaves(List<NumberRun> runs)
    {
        int[] cost = new int[runs.Count + 1];
        Leaf?[] last = new Leaf?[runs.Count + 1];
        int[] begin = new int[runs.Count + 1];
        for (int end = 1; end <= runs.Count; end++)
        {
            cost[end] = int.MaxValue;
            for (int first = end - 1; first >= 0 && end - first <= (2 * MaxExceptions) + 1; first--)
            {
                if (Cover(runs[first..end]) is { } leaf && cost[first] + leaf.Exceptions.Count + 1 < cost[end])
                {
                    (cost[end], last[end], begin[end]) = (cost[first] + leaf.Exceptions.Count + 1, leaf, first);
                }
            }
        }

        Stack<Leaf> leaves = new();
        for (int end = runs.Count; end > 0; end = begin[end])
        {
            leaves.Push(last[end]!);
        }

        return [.. leaves];
    }

    /// <summary>One leaf over some runs, null if they are too different.</summary>
    private static Leaf? Cover(List<NumberRun> runs) => runs
        .Select(static run => run.Target)
        .Distinct()
        .Select(target => new Leaf(runs[0].First, target, runs.FindAll(run => run.Target != target)))
        .Where(static leaf => leaf.Exceptions.Count <= MaxExceptions && leaf.Exceptions.TrueForAll(static run => run.IsSingle))
        .MinBy(static leaf => leaf.Exceptions.Count);

    private sealed record Leaf(uint First, Target Target, List<NumberRun> Exceptions);
}

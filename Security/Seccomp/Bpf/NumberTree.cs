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
        var best = new (int Cost, int First, Target Target)[runs.Count + 1];
        for (int end = 1; end <= runs.Count; end++)
        {
            best[end].Cost = int.MaxValue;
            for (int first = end - 1; first >= 0 && end - first <= (2 * MaxExceptions) + 1; first--)
            {
                for (int i = first; i < end; i++)
                {
                    Target target = runs[i].Target;
                    if (Exceptions(runs, first, end, target) is { } exceptions && best[first].Cost + exceptions + 1 < best[end].Cost)
                    {
                        best[end] = (best[first].Cost + exceptions + 1, first, target);
                    }
                }
            }
        }

        Stack<Leaf> leaves = new();
        for (int end = runs.Count; end > 0; end = best[end].First)
        {
            (_, int first, Target target) = best[end];
            leaves.Push(new(runs[first].First, target, runs[first..end].FindAll(run => run.Target != target)));
        }

        return [.. leaves];
    }

    /// <summary>How many runs of some differ from a leaf's answer; null if too many do, or one that is more than a single number.</summary>
    private static int? Exceptions(List<NumberRun> runs, int first, int end, Target target)
    {
        int count = 0;
        for (int i = first; i < end; i++)
        {
            if (runs[i].Target != target && (!runs[i].IsSingle || ++count > MaxExceptions))
            {
                return null;
            }
        }

        return count;
    }

    private sealed record Leaf(uint First, Target Target, List<NumberRun> Exceptions);
}

namespace ClawOS.Security.Seccomp.Bpf;

/// <summary>Neighbouring numbers of calls with the same answer.</summary>
/// <param name="First">The lowest number.</param>
/// <param name="Last">The highest; the last run of an architecture ends with its numbers.</param>
/// <param name="Target">Their answer.</param>
internal readonly record struct NumberRun(uint First, uint Last, Target Target)
{
    internal bool IsSingle => First == Last;

    /// <summary>All numbers in order: those that are given, and the rest with the default's answer.</summary>
    internal static List<NumberRun> All(IEnumerable<(int Number, Target Target)> given, Target otherwise)
    {
        List<NumberRun> runs = [];
        uint next = 0;
        foreach ((int number, Target target) in given.OrderBy(static pair => pair.Number))
        {
            if ((uint)number > next)
            {
                Append(runs, new(next, (uint)number - 1, otherwise));
            }

            Append(runs, new((uint)number, (uint)number, target));
            next = (uint)number + 1;
        }

        Append(runs, new(next, uint.MaxValue, otherwise));
        return runs;
    }

    private static void Append(List<NumberRun> runs, NumberRun run)
    {
        if (runs.Count > 0 && runs[^1].Target == run.Target)
        {
            runs[^1] = runs[^1] with { Last = run.Last };
        }
        else
        {
            runs.Add(run);
        }
    }
}

namespace ClawOS.Security.Seccomp.Bpf;

/// <summary>Decides a call by its arguments: its groups one after the other, the first whose conditions all hold.</summary>
internal static class ArgumentChain
{
    /// <summary>Adds the chain to a program.</summary>
    /// <param name="program">Gets the instructions.</param>
    /// <param name="groups">The groups that name the call, in the profile's order.</param>
    /// <param name="otherwise">The answer when no group holds.</param>
    /// <returns>Where it begins, or the answer itself if no argument counts.</returns>
    internal static Target Add(ProgramBuilder program, IReadOnlyList<SyscallGroup> groups, FilterAction otherwise)
    {
        List<SyscallGroup> conditional = [.. groups.TakeWhile(static group => !group.IsUnconditional)];
        Target next = Target.Return(conditional.Count < groups.Count ? groups[conditional.Count].Action : otherwise);
        for (int i = conditional.Count - 1; i >= 0; i--)
        {
            List<List<WordTest>> conditions = Conditions(conditional[i]);
            bool loaded = i > 0 && LeavesLoaded(Conditions(conditional[i - 1])) == conditions[0][0].Offset;
            next = AddGroup(program, conditions, loaded, Target.Return(conditional[i].Action), next);
        }

        return next;
    }

    private static List<List<WordTest>> Conditions(SyscallGroup group) => [.. group.Arguments.Select(WordTest.Of)];

    /// <summary>The word that the accumulator holds whenever a group does not apply; null if that depends on where it failed.</summary>
    private static uint? LeavesLoaded(List<List<WordTest>> conditions) => conditions is [[{ Mask: null } only]] ? only.Offset : null;

    private static Target AddGroup(ProgramBuilder program, List<List<WordTest>> conditions, bool loaded, Target holds, Target fails)
    {
        for (int i = conditions.Count - 1; i >= 0; i--)
        {
            holds = AddCondition(program, conditions[i], loaded && i == 0, holds, fails);
        }

        return holds;
    }

    private static Target AddCondition(ProgramBuilder program, List<WordTest> tests, bool loaded, Target holds, Target fails)
    {
        Target next = holds;
        for (int i = tests.Count - 1; i >= 0; i--)
        {
            WordTest test = tests[i];
            next = program.Compare(test.Code, test.Value, Follow(test.IfTrue), Follow(test.IfFalse));
            if (test.Mask is { } mask)
            {
                next = program.And(mask);
            }

            // Within a condition a test is only reached from the one before it, so what that one loaded is still there: a mask only comes with the last test of a half.
            if (i == 0 ? !loaded : tests[i - 1].Offset != test.Offset)
            {
                next = program.Load(test.Offset);
            }

            Target Follow(Outcome outcome) => outcome switch
            {
                Outcome.Next => next,
                Outcome.Holds => holds,
                _ => fails,
            };
        }

        return next;
    }
}

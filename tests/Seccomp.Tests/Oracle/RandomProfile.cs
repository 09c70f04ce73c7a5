using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp.Tests.Oracle;

/// <summary>Profiles and calls by chance. Values come from a few that matter, so that conditions hold, fail and touch each other often.</summary>
internal sealed class RandomProfile(Random random)
{
    private static readonly ulong[] s_values =
    [
        0, 1, 2, 3, 7, 8, 0xFF, 0x5412, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x1_00000000, 0x1_00000001, 0x1_FFFFFFFF, 0x2_00000000, 0x7E020000,
        0x5412_00000000, 0x7FFFFFFF_FFFFFFFF, 0x80000000_00000000, 0xFFFFFFFF_00000000, 0xFFFFFFFF_FFFFFFFE, 0xFFFFFFFF_FFFFFFFF,
    ];

    /// <summary>Any groups over any calls, in any order.</summary>
    internal SeccompProfile Any(Architecture architecture)
    {
        string[] names = Names(architecture);
        return Make(architecture, Action(), [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => Group(names, Action(), random.Next(3) == 0 ? random.Next(1, 4) : 0))]);
    }

    /// <summary>Several groups over one call that compare the halves of two arguments, so that one often finds loaded what it needs, or nearly.</summary>
    internal SeccompProfile OneCall(Architecture architecture, string name)
    {
        return Make(architecture, FilterAction.Allow, [.. Enumerable.Range(1, random.Next(2, 7)).Select(i => new SyscallGroup([name], FilterAction.Refuse(i), Some(), "by chance"))]);

        List<ArgumentTest> Some() => random.Next(4) == 0 ? [Half(0), Half(1)] : [Half(random.Next(2))];

        ArgumentTest Half(int index)
        {
            int shift = random.Next(2) * 32;
            ulong mask = random.Next(3) switch { 0 => 0xFFFFFFFF, 1 => 0x3, _ => (ulong)random.Next(1, 8) };
            return random.Next(5) == 0 ? Test(index) : new(index, Comparison.MaskedEqual, mask << shift, ((ulong)random.Next(4) & mask) << shift);
        }
    }

    /// <summary>Arguments whose halves are small numbers.</summary>
    internal ulong[] SmallHalves() => [.. Enumerable.Range(0, 6).Select(_ => ((ulong)(uint)random.Next(9) << 32) | (uint)random.Next(9))];

    /// <summary>
    /// Only what means the same to libseccomp, which knows no order of rules: each call in one group, with up to three conditions, or in several that compare the same
    /// argument with different values for equality; and no group with the default's action. More is no test of ours: version 2.5.4 answers wrongly where
    /// several rules of a call overlap or compare by order ("refuse if argument 1 is at least 0x200000000" and "refuse if it is at most 255" refuse 256 too).
    /// </summary>
    internal SeccompProfile WithoutOrder(Architecture architecture)
    {
        FilterAction otherwise = Action();
        string[] names = Names(architecture);
        random.Shuffle(names);
        List<SyscallGroup> groups = [];
        int used = 0;
        while (used < names.Length - 20 && groups.Count < 40)
        {
            string[] some = names[used..(used + random.Next(1, 20))];
            used += some.Length;
            FilterAction action = Other(otherwise);
            int argument = random.Next(6);
            (FilterAction, List<ArgumentTest>)[] alternatives = random.Next(3) switch
            {
                0 => [(action, [])],
                1 => [(action, Tests(random.Next(1, 4)))],
                _ => [.. Enumerable.Range(0, 4).Select(_ => Value()).Distinct().Select(value => (Other(otherwise), new List<ArgumentTest> { new(argument, Comparison.Equal, value) }))],
            };
            groups.AddRange(alternatives.Select(pair => new SyscallGroup(some, pair.Item1, pair.Item2, "by chance")));
        }

        return Make(architecture, otherwise, groups);
    }

    /// <summary>The same profile without names that an earlier group decides: what a file may contain.</summary>
    internal static SeccompProfile Reachable(SeccompProfile profile)
    {
        HashSet<string> decided = [];
        List<SyscallGroup> groups = [];
        foreach (SyscallGroup group in profile.Groups)
        {
            string[] names = [.. group.Names.Where(name => !decided.Contains(name))];
            if (names.Length > 0)
            {
                groups.Add(new(names, group.Action, group.Arguments, group.Comment));
                decided.UnionWith(group.Arguments.Count == 0 ? names : []);
            }
        }

        return new(profile.Name, profile.Comment, profile.DefaultAction, profile.Architectures, groups);
    }

    /// <summary>The same groups, as a profile for one architecture.</summary>
    internal static SeccompProfile Make(Architecture architecture, FilterAction otherwise, IReadOnlyList<SyscallGroup> groups) => new("random", "", otherwise, [architecture], groups);

    internal ulong[] Arguments() => [.. Enumerable.Range(0, 6).Select(_ => Value())];

    private static string[] Names(Architecture architecture) => [.. SyscallTable.For(architecture).Names.Order(StringComparer.Ordinal)];

    private SyscallGroup Group(string[] names, FilterAction action, int tests)
    {
        int count = random.Next(4) == 0 ? random.Next(1, 200) : random.Next(1, 10), from = random.Next(names.Length);
        return new([.. Enumerable.Range(from, count).Select(i => names[i % names.Length]).Distinct()], action, Tests(tests), "by chance");
    }

    private List<ArgumentTest> Tests(int count) => [.. Enumerable.Range(0, 6).OrderBy(_ => random.Next()).Take(count).Select(Test)];

    private ArgumentTest Test(int index)
    {
        while (true)
        {
            Comparison comparison = (Comparison)random.Next(7);
            ulong value = Value(), second = comparison == Comparison.MaskedEqual ? Value() & value : 0;
            ArgumentTest test = new(index, comparison, value, second);
            if (!test.IsConstant)
            {
                return test;
            }
        }
    }

    private ulong Value() => random.Next(8) == 0 ? (ulong)random.NextInt64() : s_values[random.Next(s_values.Length)] + (ulong)random.Next(-1, 2);

    private FilterAction Other(FilterAction than)
    {
        while (true)
        {
            if (Action() is var action && action != than)
            {
                return action;
            }
        }
    }

    private FilterAction Action() => random.Next(6) switch
    {
        0 => FilterAction.Of(ActionKind.Log),
        1 => FilterAction.Of(ActionKind.UserNotify),
        2 => FilterAction.Of(ActionKind.Trap),
        3 => FilterAction.Of(ActionKind.KillProcess),
        4 => FilterAction.Refuse(random.Next(1, 100)),
        _ => FilterAction.Allow,
    };
}

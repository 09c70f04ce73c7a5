using System.Runtime.InteropServices;
using ClawOS.Security.Seccomp.Tests.Oracle;

namespace ClawOS.Security.Seccomp.Tests;

public sealed class CompilerTests
{
    private static readonly uint[] s_edges = [601, 1023, 1024, 0x3FFFFFFF, 0x40000000, 0x40000001, 0x40000000 + 59, 0x40000000 + 512, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF];

    private static int Rounds => Environment.GetEnvironmentVariable("CLAW_LONG") == "1" ? 2000 : 150;

    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void A_filter_answers_every_call_as_its_profile_does(Architecture architecture)
    {
        Random random = Seed.Random();
        RandomProfile profiles = new(random);
        for (int round = 0; round < Rounds; round++)
        {
            Agree(profiles.Any(architecture), architecture, profiles, random);
        }
    }

    /// <summary>Some 360 returns and comparisons: jumps that do not fit, over the program's whole length.</summary>
    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void A_filter_with_another_answer_for_each_call_is_right_though_its_jumps_are_long(Architecture architecture)
    {
        Random random = Seed.Random();
        RandomProfile profiles = new(random);
        string[] names = [.. SyscallTable.For(architecture).Names];
        random.Shuffle(names);
        SyscallGroup[] groups = [.. names.SelectMany((name, i) => new SyscallGroup[]
        {
            new([name], FilterAction.Refuse(1000 + i), [new(i % 6, i % 2 == 0 ? Comparison.Greater : Comparison.Equal, profiles.Arguments()[0] >> 1)], "by chance"),
            new([name], FilterAction.Refuse(1 + i), [], "by chance"),
        })];
        SeccompProfile profile = RandomProfile.Make(architecture, FilterAction.Allow, groups);
        BpfMachine machine = Agree(profile, architecture, profiles, random);
        Assert.True(machine.Length > 1500, $"{machine.Length} instructions are no test of long jumps");
    }

    [Fact]
    public void Groups_that_follow_each_other_over_one_call_do_not_disturb_each_other()
    {
        Random random = Seed.Random();
        RandomProfile profiles = new(random);
        for (int round = 0; round < 10 * Rounds; round++)
        {
            SeccompProfile profile = profiles.OneCall(Architecture.X64, "read");
            BpfMachine machine = new(SeccompCompiler.Compile(profile, Architecture.X64));
            for (int i = 0; i < 60; i++)
            {
                Same(profile, Architecture.X64, machine, new(Verdict.AuditX64, 0, profiles.SmallHalves()));
            }
        }
    }

    [Fact]
    public void Every_comparison_is_right_at_its_edges()
    {
        ulong[] values = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x1_00000000, 0x1_00000001, 0x1_FFFFFFFF, 0x2_00000000, 0x80000000_00000000, 0xFFFFFFFF_00000000, ulong.MaxValue - 1, ulong.MaxValue];
        int count = 0;
        foreach (Comparison comparison in Enum.GetValues<Comparison>())
        {
            foreach (ulong value in values)
            {
                foreach (ulong second in comparison == Comparison.MaskedEqual ? values.Select(two => two & value).Distinct() : [0ul])
                {
                    ArgumentTest test = new(count % 6, comparison, value, second);
                    if (test.IsConstant)
                    {
                        continue;
                    }

                    SeccompProfile profile = RandomProfile.Make(Architecture.X64, FilterAction.Refuse(1), [new(["read"], FilterAction.Allow, [test], "edge")]);
                    BpfMachine machine = new(SeccompCompiler.Compile(profile, Architecture.X64));
                    foreach (ulong argument in values)
                    {
                        ulong[] arguments = new ulong[6];
                        arguments[test.Index] = argument;
                        Assert.True(test.Holds(argument) == (machine.Run(new(Verdict.AuditX64, 0, arguments)) == Verdict.Allow), $"{test} of {argument:x}");
                        count++;
                    }
                }
            }
        }

        Assert.True(count > 1500, $"only {count} cases");
    }

    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void A_call_of_another_architecture_ends_the_process_whatever_the_profile_says(Architecture architecture)
    {
        SeccompProfile everything = RandomProfile.Make(architecture, FilterAction.Allow, []);
        BpfMachine machine = new(SeccompCompiler.Compile(everything, architecture));
        uint other = architecture == Architecture.X64 ? Verdict.AuditArm64 : Verdict.AuditX64;
        Assert.All([other, Verdict.AuditI386, 0u], foreign => Assert.Equal(Verdict.Kill, machine.Run(new(foreign, 1, new ulong[6]))));
        Assert.Equal(Verdict.Allow, machine.Run(new(Verdict.Audit(architecture), 1, new ulong[6])));
        Assert.Equal(architecture == Architecture.X64 ? Verdict.Kill : Verdict.Allow, machine.Run(new(Verdict.Audit(architecture), 0x40000001, new ulong[6])));
    }

    /// <summary>The kernel skips a filter for calls that it can prove allowed by running it without arguments.</summary>
    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void A_call_without_conditions_is_decided_by_architecture_and_number_alone(Architecture architecture)
    {
        Random random = Seed.Random();
        RandomProfile profiles = new(random);
        for (int round = 0; round < 20; round++)
        {
            SeccompProfile profile = profiles.Any(architecture);
            BpfMachine machine = new(SeccompCompiler.Compile(profile, architecture));
            foreach (string name in SyscallTable.For(architecture).Names)
            {
                SyscallGroup? first = profile.Groups.FirstOrDefault(group => group.Names.Contains(name));
                if (first is null || first.Arguments.Count == 0)
                {
                    SyscallTable.For(architecture).TryGetNumber(name, out int number);
                    HashSet<uint> loads = [];
                    machine.Run(new(Verdict.Audit(architecture), (uint)number, profiles.Arguments()), loads);
                    Assert.Equal([0u, 4u], loads.Order());
                }
            }
        }
    }

    [Fact]
    public void A_profile_that_needs_too_many_instructions_is_refused()
    {
        RandomProfile profiles = new(Seed.Random());
        SyscallGroup[] groups = [.. SyscallTable.X64.Names.Select(name => new SyscallGroup([name], FilterAction.Allow, [.. Enumerable.Range(0, 6).Select(i => new ArgumentTest(i, Comparison.Less, profiles.Arguments()[i] | 1))], "large"))];
        SeccompException exception = Assert.Throws<SeccompException>(() => SeccompCompiler.Compile(RandomProfile.Make(Architecture.X64, FilterAction.Refuse(1), groups), Architecture.X64));
        Assert.Contains("the kernel takes 4096", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_is_compiled_only_for_an_architecture_that_it_lists()
    {
        SeccompProfile profile = RandomProfile.Make(Architecture.X64, FilterAction.Allow, []);
        Assert.Equal("profile random is not made for SCMP_ARCH_AARCH64", Assert.Throws<SeccompException>(() => SeccompCompiler.Compile(profile, Architecture.Arm64)).Message);
    }

    private static BpfMachine Agree(SeccompProfile profile, Architecture architecture, RandomProfile profiles, Random random)
    {
        BpfMachine machine = new(SeccompCompiler.Compile(profile, architecture));
        Assert.Empty(machine.Unreachable());
        foreach (uint number in Enumerable.Range(0, 601).Select(static number => (uint)number).Concat(s_edges))
        {
            for (int i = 0; i < 3; i++)
            {
                uint audit = random.Next(50) == 0 ? Verdict.AuditI386 : Verdict.Audit(architecture);
                Call call = new(audit, number, profiles.Arguments());
                Same(profile, architecture, machine, call);
            }
        }

        return machine;
    }

    private static void Same(SeccompProfile profile, Architecture architecture, BpfMachine machine, Call call)
    {
        uint wanted = Verdict.Of(profile, architecture, call), got = machine.Run(call);
        if (wanted != got)
        {
            Assert.Fail($"{call}: {got:x} instead of {wanted:x}\n{profile.ToJson()}\n{FilterListing.Render(SeccompCompiler.Compile(profile, architecture), architecture)}");
        }
    }
}

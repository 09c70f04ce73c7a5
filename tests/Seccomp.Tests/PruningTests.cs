using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ClawOS.Security.Seccomp.Tests.Oracle;

namespace ClawOS.Security.Seccomp.Tests;

public sealed partial class PruningTests
{
    private static readonly SeccompProfile s_default = ShippedProfiles.Load(ShippedProfiles.Default);

    [Fact]
    public void Only_what_was_recorded_and_what_every_start_needs_is_proposed()
    {
        PrunedProfile pruned = ProfilePruning.Propose(s_default, [new("getdents64", 2), new("statx", 7), new("getdents64", 3)], Architecture.X64, "ls");
        IReadOnlyList<string> allowed = pruned.Profile.Allowed(Architecture.X64);
        Assert.Equal(["getdents64", "statx"], allowed.Except(ProfilePruning.StartNames));
        Assert.Empty(ProfilePruning.StartNames.Intersect(s_default.Allowed(Architecture.X64)).Except(allowed));
        Assert.Equal("Recorded: 12 calls.", pruned.Profile.Groups.Single(static group => group.Names.Contains("statx")).Comment);
        Assert.Equal("Not recorded, but every start needs it.", pruned.Profile.Groups.Single(static group => group.Names.Contains("execve")).Comment);
        Assert.Contains("socket", pruned.Dropped);
        Assert.Empty(pruned.Outside);
        Assert.Equal([Architecture.X64], pruned.Profile.Architectures);
    }

    [Fact]
    public void What_the_base_refuses_is_named_and_stays_refused()
    {
        PrunedProfile pruned = ProfilePruning.Propose(s_default, [new("ptrace", 1), new("mount", 4), new("read", 9), new("nonsense", 2)], Architecture.X64, "x");
        Assert.Equal([new("mount", 4), new("nonsense", 2), new("ptrace", 1)], pruned.Outside);
        Assert.DoesNotContain("ptrace", pruned.Profile.Allowed(Architecture.X64));
        SyscallTable.X64.TryGetNumber("mount", out int mount);
        Assert.Equal(FilterAction.Refuse(1), pruned.Profile.Decide(Architecture.X64, mount, new ulong[6]).Action);
    }

    [Fact]
    public void Conditions_of_the_base_stay()
    {
        PrunedProfile pruned = ProfilePruning.Propose(s_default, [new("ioctl", 1), new("clone", 1), new("socket", 1)], Architecture.X64, "x");
        Assert.Equal(FilterAction.Refuse(1), Decide("ioctl", 0, 0x5412));
        Assert.Equal(FilterAction.Allow, Decide("ioctl", 0, 0x5401));
        Assert.Equal(FilterAction.Refuse(1), Decide("clone", 0x10000011));
        Assert.Equal(FilterAction.Allow, Decide("clone", 0x11));
        Assert.Equal(FilterAction.Refuse(97), Decide("socket", 40));
        Assert.Equal(FilterAction.Allow, Decide("socket", 1));

        FilterAction Decide(string name, params ulong[] arguments)
        {
            SyscallTable.X64.TryGetNumber(name, out int number);
            return pruned.Profile.Decide(Architecture.X64, number, [.. arguments, .. new ulong[6 - arguments.Length]]).Action;
        }
    }

    [Fact]
    public void A_proposal_is_a_profile_that_can_be_read_and_never_allows_more_than_its_base()
    {
        Random random = Seed.Random();
        RandomProfile profiles = new(random);
        string[] names = [.. SyscallTable.X64.Names.Order(StringComparer.Ordinal)];
        for (int round = 0; round < 40; round++)
        {
            SeccompProfile ceiling = round % 2 == 0 ? s_default : RandomProfile.Reachable(profiles.Any(Architecture.X64));
            if (ceiling.DefaultAction.Kind is ActionKind.Allow or ActionKind.Log)
            {
                Assert.Throws<SeccompException>(() => ProfilePruning.Propose(ceiling, [], Architecture.X64, "x"));
                continue;
            }

            RecordedCall[] recorded = [.. Enumerable.Range(0, random.Next(30)).Select(_ => new RecordedCall(names[random.Next(names.Length)], random.Next(1, 100)))];
            SeccompProfile pruned = ProfilePruning.Propose(ceiling, recorded, Architecture.X64, "x").Profile;
            Assert.Equal(pruned.ToJson(), SeccompProfile.Parse(pruned.ToJson(), "x").ToJson());
            IReadOnlyList<string> allowed = ceiling.Allowed(Architecture.X64);
            for (int number = 0; number < 470; number++)
            {
                ulong[] arguments = profiles.Arguments();
                FilterAction before = ceiling.Decide(Architecture.X64, number, arguments).Action, after = pruned.Decide(Architecture.X64, number, arguments).Action;
                bool kept = SyscallTable.X64.NameOf(number) is { } name && allowed.Contains(name) && (recorded.Any(call => call.Name == name) || ProfilePruning.StartNames.Contains(name));
                Assert.True(after == before || (!kept && after.Kind is not (ActionKind.Allow or ActionKind.Log)), $"{number}: {before} became {after}");
            }
        }
    }

    /// <summary>Records with strace, prunes, and runs the same program again under what was proposed.</summary>
    [Theory]
    [InlineData("/bin/true", 0)]
    [InlineData("sort", 1, "file")]
    [InlineData("sh", 1, "-c", "cat file | sort")]
    public void A_recorded_program_runs_again_under_its_proposal_and_another_does_not(string program, int lines, params string[] arguments)
    {
        string strace = FilteredProcess.Need("strace");
        using ScratchFolder folder = new();
        File.WriteAllText(Path.Combine(folder.Path, "file"), "a\n");
        string log = Path.Combine(folder.Path, "log");
        var recorded = FilteredProcess.Start(folder.Path, strace, ["-f", "-qq", "-o", log, FilteredProcess.Need(program), .. arguments]);
        if (recorded.ExitCode != 0)
        {
            Assert.Skip($"strace cannot trace here: {recorded.Error}");
        }

        RecordedCall[] calls = [.. File.ReadLines(log).Select(static line => TracedCall().Match(line)).Where(static match => match.Success).Select(static match => new RecordedCall(match.Groups[1].Value, 1))];
        SeccompProfile pruned = ProfilePruning.Propose(s_default, calls, RuntimeInformation.ProcessArchitecture, program).Profile;
        var again = FilteredProcess.Run(pruned, folder.Path, program, arguments);
        Assert.Equal(new(0, string.Concat(Enumerable.Repeat("a\n", lines)), ""), again);
        Assert.NotEqual(0, FilteredProcess.Run(pruned, folder.Path, "mkdir", "made").ExitCode);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "made")));
    }

    [GeneratedRegex(@"^\d+ +(\w+)\(")]
    private static partial Regex TracedCall();
}

using System.Runtime.InteropServices;
using ClawOS.Security.Seccomp.Tests.Oracle;

namespace ClawOS.Security.Seccomp.Tests;

/// <summary>The same rules through libseccomp's compiler and ours, both run by the same machine.</summary>
public sealed class LibSeccompTests
{
    private static int Rounds => Environment.GetEnvironmentVariable("CLAW_LONG") == "1" ? 500 : 40;

    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void Our_filter_and_the_one_of_libseccomp_give_the_same_verdicts(Architecture architecture)
    {
        LibSeccomp.Need();
        Random random = Seed.Random();
        RandomProfile profiles = new(random);
        string[] known = [.. SyscallTable.For(architecture).Names.Where(name => LibSeccomp.Number(architecture, name) is not null)];
        long verdicts = 0;
        for (int round = 0; round < Rounds; round++)
        {
            SeccompProfile profile = profiles.WithoutOrder(architecture);
            BpfMachine ours = new(SeccompCompiler.Compile(profile, architecture)), theirs = new(LibSeccomp.Compile(profile, architecture));
            foreach (string name in known)
            {
                SyscallTable.For(architecture).TryGetNumber(name, out int number);
                for (int i = 0; i < 4; i++)
                {
                    verdicts += Same(profile, ours, theirs, new(Verdict.Audit(architecture), (uint)number, profiles.Arguments()));
                }
            }

            // 0xFFFFFFFF is left out: libseccomp gives it the default action, ours ends the process, as for every number from 0x40000000 on.
            uint[] edges = architecture == Architecture.X64 ? [500, 1000, 0x3FFFFFFF, 0x40000000, 0x40000001, 0x7FFFFFFF] : [500, 1000, 0x3FFFFFFF];
            verdicts += edges.Sum(number => Same(profile, ours, theirs, new(Verdict.Audit(architecture), number, profiles.Arguments())));
            verdicts += Same(profile, ours, theirs, new(Verdict.AuditI386, 1, profiles.Arguments()));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{verdicts} verdicts");
    }

    private static int Same(SeccompProfile profile, BpfMachine ours, BpfMachine theirs, Call call)
    {
        uint our = ours.Run(call), their = theirs.Run(call);
        if (our != their)
        {
            string? name = SyscallTable.For(profile.Architectures[0]).NameOf((int)call.Number);
            var groups = profile.Groups.Where(group => group.Names.Contains(name)).Select(static group => $"{group.Action} if {string.Join(" and ", group.Arguments)}");
            Assert.Fail($"{call}: ours {our:x}, libseccomp {their:x}\n{string.Join('\n', groups)}\nelse {profile.DefaultAction}");
        }

        return 1;
    }
}

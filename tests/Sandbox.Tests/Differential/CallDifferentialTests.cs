using System.Globalization;
using System.Runtime.InteropServices;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Seccomp;

namespace Sandbox.Tests.Differential;

/// <summary>What the evaluator and the profile say of system calls is what the kernel makes of the filter of the policy.</summary>
public sealed class CallDifferentialTests(ITestOutputHelper output)
{
    private const int Policies = 24, LastNumber = 480, OtherAbi = 0x40000000;

    // The kernel asks no filter about these two of x86_64 (kernel/seccomp.c, seccomp_uprobe_exception): it makes them from a page of its own, and kills who does so from elsewhere.
    private const int ReturnProbe = 335, Probe = 336;

    // Whole bit patterns and small numbers: conditions of profiles are about flags, families of sockets and ioctl numbers.
    private static readonly ulong[] Values = [0, 1, 2, 3, 10, 16, 17, 40, 0x5412, 0x541C, 0x1_0000_5412, 0x1000_0011, 0x1000_0000, 0x0002_0000, 0x0100_0000, ulong.MaxValue, long.MaxValue];

    [Fact]
    public void The_evaluator_the_profile_and_the_kernel_agree_on_ten_thousand_system_calls()
    {
        Architecture architecture = RuntimeInformation.ProcessArchitecture;
        if (!SyscallTable.Architectures.Contains(architecture))
            Assert.Skip($"no table of system calls for {architecture}");
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        Random random = new(seed);
        SyscallTable table = SyscallTable.For(architecture);
        using CallProbe probe = new();
        int asked = 0, allowed = 0;
        for (int i = 0; i < Policies; i++)
        {
            string[] added = [.. random.GetItems([.. table.Names], random.Next(6)).Distinct()];
            EffectivePolicy policy = PolicyOf(random.Next(2) == 0 ? ShippedProfiles.Default : ShippedProfiles.ToolDefault, added);
            SeccompProfile profile = ShippedProfiles.Load(policy.SyscallProfile);
            Explainer explainer = new(policy);
            (int Number, ulong[] Arguments)[] calls = [.. Enumerable.Range(0, LastNumber).Where(number => architecture != Architecture.X64 || number is not (ReturnProbe or Probe)).Append(OtherAbi).Append(OtherAbi + 520).Select(number => (number, random.GetItems(Values, 6)))];
            int[] answers = probe.Ask(Verdicts.AsErrors(SyscallFilter.Of(policy)), calls);
            for (int k = 0; k < calls.Length; k++)
            {
                int expected = Expected(explainer, profile, table, calls[k].Number, calls[k].Arguments);
                Assert.True(expected == answers[k], $"{table.NameOf(calls[k].Number) ?? $"{calls[k].Number}"}({string.Join(", ", calls[k].Arguments)}) under {policy.SyscallProfile} + {string.Join(' ', added)}: expected {expected}, the kernel says {answers[k]}");
                allowed += expected == Verdicts.Of(FilterAction.Allow) ? 1 : 0;
            }

            asked += calls.Length;
        }

        output.WriteLine($"{asked} calls, {allowed} allowed");
        Assert.True(asked > 10_000 && allowed > 1000, $"{asked} calls, {allowed} allowed");
    }

    private static int Expected(Explainer explainer, SeccompProfile profile, SyscallTable table, int number, ulong[] arguments) =>
        number >= OtherAbi && table.Architecture == Architecture.X64 ? Verdicts.Of(FilterAction.Of(ActionKind.KillProcess))
        : table.NameOf(number) is { } name && explainer.ExplainSyscall(name).Verdict == Verdict.Allowed ? Verdicts.Of(FilterAction.Allow)
        : Verdicts.Of(profile.Decide(table.Architecture, number, arguments).Action);

    private static EffectivePolicy PolicyOf(string profile, string[] added)
    {
        string text = $"[syscalls]\nprofile = \"{profile}\"\n{(added.Length > 0 ? $"allow = [{string.Join(", ", added.Select(name => $"\"{name}\""))}]\n" : "")}";
        PolicyCompilation compiled = PolicySet.Shipped.With([("generated.toml", PolicyFile.Parse(text, "generated.toml"))]).Compile("generated");
        return compiled.Policy ?? throw new InvalidOperationException(string.Join('\n', compiled.Errors));
    }
}

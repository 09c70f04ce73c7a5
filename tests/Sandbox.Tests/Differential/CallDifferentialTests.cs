using System.Globalization;
using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Seccomp;

namespace Sandbox.Tests.Differential;

/// <summary>What the evaluator and the profile say of system calls is what the kernel makes of the filter of the policy.</summary>
public sealed class CallDifferentialTests(ITestOutputHelper output)
{
    private const int Policies = 24, LastNumber = 480, OtherAbi = 0x40000000, HandOver = 1000;

    // The kernel asks no filter about these two of x86_64 (kernel/seccomp.c, seccomp_uprobe_exception): it makes them from a page of its own, and kills who does so from elsewhere.
    private const int ReturnProbe = 335, Probe = 336;

    private static readonly string[] NeverAsked = ["execve", "exit", "exit_group", "restart_syscall", "rt_sigreturn", "sendmsg"];

    // Whole bit patterns and small numbers: conditions of profiles are about flags, families of sockets and ioctl numbers.
    private static readonly ulong[] Values = [0, 1, 2, 3, 10, 16, 17, 40, 0x5412, 0x541C, 0x1_0000_5412, 0x1000_0011, 0x1000_0000, 0x0002_0000, 0x0100_0000, HandOver, ulong.MaxValue, long.MaxValue];

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
        int total = 0, allowed = 0, told = 0, left = 0;
        for (int i = 0; i < Policies; i++)
        {
            string[] names = [.. table.Names];
            string[] added = [.. random.GetItems(names, random.Next(6)).Distinct()];
            string[]? only = i % 2 == 0 ? null : [.. added.Concat(random.GetItems(names, random.Next(1, 300))).Distinct()];
            string[] asked = i % 4 < 2 ? [] : [.. random.GetItems(only ?? names, random.Next(1, 60)).Concat(added).Distinct().Except(NeverAsked)];
            bool isSupervised = i % 8 < 4;
            EffectivePolicy policy = PolicyOf(random.Next(2) == 0 ? ShippedProfiles.Default : ShippedProfiles.ToolDefault, added, only, asked);
            SeccompProfile profile = ShippedProfiles.Load(policy.SyscallProfile);
            Explainer explainer = new(policy);
            (int Number, ulong[] Arguments)[] calls = [.. Enumerable.Range(0, LastNumber).Where(number => architecture != Architecture.X64 || number is not (ReturnProbe or Probe)).Append(OtherAbi).Append(OtherAbi + 520).Select(number => (number, random.GetItems(Values, 6)))];
            int[] answers = probe.Ask(Verdicts.AsErrors(SyscallFilter.Of(policy, isSupervised)), calls);
            for (int k = 0; k < calls.Length; k++)
            {
                int expected = Expected(explainer, profile, table, asked.Length > 0, isSupervised, calls[k].Number, calls[k].Arguments);
                Assert.True(expected == answers[k], $"{table.NameOf(calls[k].Number) ?? $"{calls[k].Number}"}({string.Join(", ", calls[k].Arguments)}) under {policy.SyscallProfile} + {string.Join(' ', added)}, only {string.Join(' ', only ?? ["all"])}, ask {string.Join(' ', asked)} (supervised: {isSupervised}): expected {expected}, the kernel says {answers[k]}");
                allowed += expected == Verdicts.Of(FilterAction.Allow) ? 1 : 0;
                told += expected == Verdicts.Of(FilterAction.Of(ActionKind.UserNotify)) ? 1 : 0;
                left += explainer.ExplainSyscall(table.NameOf(calls[k].Number) ?? "read").Verdict == Verdict.Denied ? 1 : 0;
            }

            total += calls.Length;
        }

        string counts = $"{total} calls, {allowed} allowed, {told} told, {left} left out";
        output.WriteLine(counts);
        Assert.True(total > 10_000 && allowed > 500 && told > 10 && left > 500, counts);
    }

    private static int Expected(Explainer explainer, SeccompProfile profile, SyscallTable table, bool hasQuestions, bool isSupervised, int number, ulong[] arguments)
    {
        if (table.NameOf(number) is not { } name)
            return Verdicts.Of(number >= OtherAbi && table.Architecture == Architecture.X64 ? FilterAction.Of(ActionKind.KillProcess) : profile.DefaultAction);

        // The listener of a run that is asked about is sent through this descriptor, whatever else holds.
        bool isHandOver = hasQuestions && isSupervised && name == "sendmsg" && arguments[0] == HandOver;
        Explanation said = explainer.ExplainSyscall(name);
        FilterAction action = isHandOver || said.Verdict == Verdict.Allowed ? FilterAction.Allow
            : said.Verdict == Verdict.Denied ? RefusalOf(profile, name, arguments)
            : profile.Decide(table.Architecture, number, arguments).Action;
        bool isAsked = said.Layers.HasFlag(Layers.Approval) && action.Kind is ActionKind.Allow or ActionKind.Log;
        return Verdicts.Of(!isAsked ? action : isSupervised ? FilterAction.Of(ActionKind.UserNotify) : FilterAction.Refuse((int)Errno.EPERM));
    }

    /// <summary>What a profile answers that would not allow the call.</summary>
    private static FilterAction RefusalOf(SeccompProfile profile, string name, ulong[] arguments) =>
        profile.Groups.FirstOrDefault(group => group.Names.Contains(name) && group.Action.Kind is not (ActionKind.Allow or ActionKind.Log) && group.Arguments.All(test => test.Holds(arguments[test.Index])))?.Action ?? profile.DefaultAction;

    private static EffectivePolicy PolicyOf(string profile, string[] added, string[]? only, string[] asked)
    {
        string text = $"[syscalls]\nprofile = \"{profile}\"\n{Line("allow", added)}{Line("only", only ?? [])}{Line("ask", asked)}";
        PolicyCompilation compiled = PolicySet.Shipped.With([("generated.toml", PolicyFile.Parse(text, "generated.toml"))]).Compile("generated");
        return compiled.Policy ?? throw new InvalidOperationException(string.Join('\n', compiled.Errors));
    }

    private static string Line(string key, string[] names) => names.Length == 0 ? "" : $"{key} = [{string.Join(", ", names.Select(name => $"\"{name}\""))}]\n";
}

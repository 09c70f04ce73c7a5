using System.Globalization;
using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Seccomp;

namespace Sandbox.Tests.Differential;

/// <summary>The evaluator says what the kernel does: 10,000 questions about random policies, asked of both.</summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Policies = 100, FileQuestions = 60, CallsEach = 40;

    [Fact]
    public void The_view_and_Landlock_do_what_the_evaluator_says()
    {
        (Random random, int asked) = (Begin(), 0);
        List<string> disagreements = [];
        for (int i = 0; i < Policies; i++)
        {
            // Not below /tmp, which every sandbox has of its own, writable whatever the policy says.
            string workspace = $"/var/tmp/claw-pairs-{Environment.ProcessId}-{i}";
            try
            {
                PolicyPairs pairs = new(random, workspace);
                pairs.Make();
                string text = pairs.Policy("default", []);
                EffectivePolicy policy = Compile(text, workspace);
                (string Path, PathAccess Access)[] questions = [.. Enumerable.Range(0, FileQuestions).Select(_ => pairs.Question())];
                int[] answers = Probe.Ask(SandboxPlan.From(policy, Probe.Request("/tmp")), [.. questions.Select(question => Probe.Of(question.Path, question.Access))]);
                Explainer explainer = new(policy);
                for (int k = 0; k < questions.Length; k++, asked++)
                {
                    (string path, PathAccess access) = questions[k];
                    Explanation said = explainer.ExplainPath(path, access);
                    bool did = answers[k] == (access == PathAccess.Execute ? Probe.NoProgram : 0);
                    if (did != (said.Verdict == Verdict.Allowed) && !IsKnown(explainer, path, access, did))
                        disagreements.Add($"{access} {path}: {said}, but the kernel answers {(Errno)answers[k]}\n{text}");
                }
            }
            finally
            {
                Directory.Delete(workspace, recursive: true);
            }
        }

        Assert.True(disagreements.Count == 0, $"{disagreements.Count} of {asked}\n{string.Join('\n', disagreements.Take(3))}");
        Assert.Equal(Policies * FileQuestions, asked);
    }

    [Fact]
    public void The_filter_of_system_calls_does_what_the_profile_says()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("the list of calls that can be tried is that of x86-64");
        Random random = Begin();
        using Box box = new();
        SandboxRequest request = Probe.Request(box.Workspace);
        string[] lines = [.. CallQuestions.All.Select(question => Probe.Of(question.Number, question.Arguments))];

        // What the kernel itself answers, without a filter: a filter's refusal must differ, or be the same by the kernel's own will.
        SandboxPlan bare = LayersOff.Filters(SandboxPlan.From(box.Policy(), request));
        int[] own = Probe.Ask(bare, lines);
        SyscallTable table = SyscallTable.For(Architecture.X64);
        List<string> disagreements = [];
        int asked = 0;
        for (int i = 0; i < Policies; i++)
        {
            string profile = ShippedProfiles.Names[i % ShippedProfiles.Names.Count];
            string[] additions = [.. Enumerable.Range(0, random.Next(4)).Select(_ => table.NameOf(CallQuestions.All[random.Next(CallQuestions.All.Count)].Number)!).Distinct()];
            EffectivePolicy policy = Compile(new PolicyPairs(random, box.Workspace).Policy(profile, additions), box.Workspace);
            int[] chosen = [.. Enumerable.Range(0, CallsEach).Select(_ => random.Next(lines.Length))];
            SeccompProfile rules = ShippedProfiles.Load(profile);
            rules = additions.Length == 0 ? rules : rules.Allowing(additions, "added");
            int[] answers = Probe.Ask(SandboxPlan.From(policy, Probe.Request("/tmp")), [.. chosen.Select(at => lines[at])]);
            for (int k = 0; k < chosen.Length; k++, asked++)
            {
                (int number, ulong[] arguments) = CallQuestions.All[chosen[k]];
                FilterAction action = rules.Decide(Architecture.X64, number, arguments).Action;
                bool good = IsOfEverySandbox(number, arguments) ? answers[k] == (int)Errno.EPERM
                    : action.Kind == ActionKind.Errno ? answers[k] == action.Errno
                    : answers[k] == own[chosen[k]];
                if (!good)
                    disagreements.Add($"{table.NameOf(number)}({string.Join(", ", arguments.Select(value => value.ToString("x", CultureInfo.InvariantCulture)))}): {profile} + {string.Join(' ', additions)} says {action}, the kernel answers {(Errno)answers[k]}, without a filter {(Errno)own[chosen[k]]}");
            }
        }

        Assert.True(disagreements.Count == 0, $"{disagreements.Count} of {asked}\n{string.Join('\n', disagreements.Distinct().Take(20))}");
        Assert.Equal(Policies * CallsEach, asked);
    }

    /// <summary>What docs/policy.md says that the layers cannot express: to execute a file the kernel reads it, so what may be executed can be read.</summary>
    private static bool IsKnown(Explainer explainer, string path, PathAccess access, bool did) =>
        did && access == PathAccess.Read && explainer.ExplainPath(path, PathAccess.Execute).Verdict == Verdict.Allowed;

    /// <summary>The filter that stands before every profile: no typing into terminals.</summary>
    private static bool IsOfEverySandbox(int number, ulong[] arguments) => number == 16 && (uint)arguments[1] is 0x5412 or 0x541C;

    private Random Begin()
    {
        if (!File.Exists("/usr/bin/python3"))
            Assert.Skip("needs python3: apt-get install python3");
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        return new Random(seed);
    }

    private static EffectivePolicy Compile(string text, string workspace)
    {
        PolicyCompilation compiled = PolicySet.Shipped.With([("pair.toml", PolicyFile.Parse(text, "pair.toml"))]).Compile("pair", new CompileOptions { Workspace = workspace });
        Assert.True(compiled.Policy is not null, $"{string.Join('\n', compiled.Errors)}\n{text}");
        return compiled.Policy!;
    }
}

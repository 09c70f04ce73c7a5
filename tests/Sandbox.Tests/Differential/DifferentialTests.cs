using System.Globalization;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests.Differential;

/// <summary>One question, several judges: what `claw policy explain` says of a generated policy is what the kernel does under it, and each layer that it names does it alone.</summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Policies = 130, Questions = 100;

    [Fact]
    public void The_evaluator_the_view_and_Landlock_agree_on_ten_thousand_questions()
    {
        if (!File.Exists("/usr/bin/python3"))
            Assert.Skip("needs python3: apt-get install python3");
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root: permissions of others' files would answer first");
        if (LandlockSupport.Detect().Version == 0)
            Assert.Skip("this kernel has no Landlock");
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        Random random = new(seed);
        using Grounds grounds = new();
        using Box box = new();
        Tally tally = new();
        for (int i = 0; i < Policies; i++)
        {
            EffectivePolicy policy = GeneratedPolicy.Next(random, grounds, out string text);
            Asked[] asked = [.. Enumerable.Range(0, Questions).Select(number => Asked.Any(random, grounds, policy, number)).DistinctBy(one => (one.Act, one.Path))];
            SandboxPlan whole = SandboxPlan.From(policy, new SandboxRequest { Command = Probe.Command, Folder = "/usr", Environment = new Dictionary<string, string> { ["LANG"] = "C.UTF-8" } });
            string[] both = Probe.Ask(box, whole, asked);
            grounds.Restore();
            string[] view = Probe.Ask(box, LayersOff.Landlock(whole), asked);
            grounds.Restore();
            string[] landlock = Probe.Ask(box, LayersOff.View(whole), asked);
            grounds.Restore();
            Explainer explainer = new(policy);
            for (int k = 0; k < asked.Length; k++)
                tally.Count(new Judged(policy, text, whole.Missing, asked[k], asked[k].Explain(explainer), both[k], view[k], landlock[k]));
        }

        output.WriteLine(tally.ToString());
        Assert.True(tally.Disagreements.Count == 0, string.Join('\n', tally.Disagreements.Take(5)));
        Assert.True(tally.Allowed > 1000 && tally.Allowed + tally.Denied > 10_000, tally.ToString());
    }
}

using ClawOS.Security.Policy;
using ClawOS.Security.Policy.Values;

namespace Policy.Tests.Asking;

public sealed class RandomPolicyTests(ITestOutputHelper output)
{
    private static readonly CompileOptions Everything = new() { Layers = Layers.Stock | Layers.AppArmor };

    [Fact]
    public void Whatever_a_child_allows_its_parent_allows()
    {
        Random random = new(Seed.For(output));
        RandomPolicy source = new(random);
        int compiled = 0, refused = 0, allowed = 0, asked = 0;
        for (int i = 0; i < 4000; i++)
        {
            string parentText = source.Text(null);
            PolicySet set = PolicySet.Shipped.With([("parent.toml", PolicyFile.Parse(parentText, "parent.toml"))]);
            if (set.Compile("parent", Everything).Policy is not { } parent)
            {
                continue;
            }

            string childText = source.Text("parent");
            PolicyReading reading = PolicyFile.Parse(childText, "child.toml");
            Assert.Empty(reading.Errors);
            if (set.With([("child.toml", reading)]).Compile("child", Everything).Policy is not { } child)
            {
                refused++;
                continue;
            }

            compiled++;
            (Explainer ofParent, Explainer ofChild) = (new Explainer(parent), new Explainer(child));
            Assert.True((parent.MayLaunch || !child.MayLaunch) && (child.IsKilledOnRevoke || !parent.IsKilledOnRevoke), $"--- parent\n{parentText}\n--- child\n{childText}");
            for (int j = 0; j < 60; j++)
            {
                string question = source.Question();
                (Explanation above, Explanation below) = (ofParent.Explain(question), ofChild.Explain(question));
                allowed += below.Verdict == Verdict.Allowed ? 1 : 0;
                asked += above.Layers.HasFlag(Layers.Approval) && below.Verdict != Verdict.Denied ? 1 : 0;
                bool isWithin = below.Verdict switch
                {
                    Verdict.Allowed => above.Verdict == Verdict.Allowed,
                    Verdict.ByProfile => above.Verdict != Verdict.Denied,
                    _ => true,
                };
                bool isAskedToo = below.Verdict == Verdict.Denied || above.Verdict == Verdict.Denied || !above.Layers.HasFlag(Layers.Approval) || below.Layers.HasFlag(Layers.Approval);
                Assert.True(isWithin && isAskedToo, $"{question}\n--- parent\n{parentText}\n--- child\n{childText}");
            }
        }

        string counts = $"{compiled} children, {refused} refused, {allowed} questions allowed, {asked} asked as the parent asks";
        output.WriteLine(counts);
        Assert.True(compiled > 200 && refused > 200 && allowed > 1000 && asked > 100, counts);
    }

    [Fact]
    public void The_index_answers_as_a_look_at_every_rule_does()
    {
        Random random = new(Seed.For(output));
        RandomPolicy source = new(random);
        int allowed = 0;
        for (int i = 0; i < 2000; i++)
        {
            if (PolicySet.Shipped.With([("test.toml", PolicyFile.Parse(source.Text(null), "test.toml"))]).Compile("test", Everything).Policy is not { } policy)
            {
                continue;
            }

            Explainer explainer = new(policy);
            for (int j = 0; j < 40; j++)
            {
                string path = source.RealPath();
                PathAccess access = (PathAccess)(1 << random.Next(3));
                bool isGranted = policy.Paths.Any(rule => !rule.IsDenied && rule.Access.HasFlag(access) && Matches(rule, path));
                bool isDenied = policy.Paths.Any(rule => rule.IsDenied && rule.Access.HasFlag(access) && Matches(rule, path));

                // What may be started may be read, but where a pattern says so.
                bool isStartable = policy.Commands.Any(command => command.Path == path && !command.NeedsApproval) || policy.Paths.Any(rule => rule is { IsDenied: false, IsGlob: false } && rule.Access.HasFlag(PathAccess.Execute) && Matches(rule, path));
                bool expected = !isDenied && (isGranted || (access == PathAccess.Read && isStartable));
                Explanation answer = explainer.ExplainPath(path, access);
                Assert.True(expected == (answer.Verdict == Verdict.Allowed), $"{access} {path}\n{EffectiveText.Render(policy)}");
                allowed += expected ? 1 : 0;
            }
        }

        Assert.True(allowed > 1000, $"only {allowed} were allowed");
    }

    private static bool Matches(PathRule rule, string path) =>
        rule.IsGlob ? Glob.IsMatch(rule.Path, path, Glob.Slash) : path == rule.Path || (rule.IsTree && path.StartsWith(rule.Path.TrimEnd('/') + "/", StringComparison.Ordinal));
}

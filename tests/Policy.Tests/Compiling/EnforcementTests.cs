using ClawOS.Security.Policy;
using Policy.Tests.Reading;

namespace Policy.Tests.Compiling;

public sealed class EnforcementTests
{
    [Theory]
    [InlineData("[paths]\nread = [«\"/srv/*.txt\"]", "no layer enforces a pattern of paths")]
    [InlineData("[paths]\nread = [\"/srv/**\"]\ndeny = [«\"/srv/**/.env\"]", "no layer enforces a pattern of paths")]
    [InlineData("[paths]\nexecute = [\"/usr/**\"]\n[[command]]\npath = «\"/usr/bin/git\"\narguments = [\"log\"]", "'/usr/**' may be executed (test.toml:2), by a running program with any arguments")]
    [InlineData("[paths]\nexecute = [\"/usr/bin/git\"]\n[[command]]\npath = «\"/usr/bin/git\"\nforbid = [\"-c\"]", "no layer enforces these arguments")]
    [InlineData("[paths]\nexecute = [\"/usr/**\"]\n[[command]]\npath = «\"/usr/bin/git\"\napprove = true", "the owner would not be asked: '/usr/**' may be executed (test.toml:2)")]
    [InlineData("[[command]]\npath = \"/opt/git\"\narguments = [\"log\"]\n[[command]]\npath = «\"/opt/git\"\napprove = true", "the owner would not be asked: another command lets '/opt/git' be executed (test.toml:2)")]
    [InlineData("[syscalls]\nallow = [«\"ptrace\"]\nonly = [\"read\"]", "this never takes effect: 'only' (test.toml:3) does not name 'ptrace'")]
    [InlineData("[syscalls]\nonly = [\"read\"]\nask = [«\"bpf\"]", "this never takes effect: 'only' (test.toml:2) does not name 'bpf'")]
    [InlineData("[paths]\nread = [«\"/srv/a\"]\ndeny = [\"/srv/**\"]", "this never takes effect: '/srv/**' is denied (test.toml:3)")]
    [InlineData("[paths]\nwrite = [«\"/srv/a/**\"]\ndeny_write = [\"/srv/**\"]", "this never takes effect")]
    [InlineData("[paths]\ndeny = [\"/opt/**\"]\n[[command]]\npath = «\"/opt/git\"", "this never takes effect: '/opt/**' is denied (test.toml:2)")]
    public void What_no_layer_enforces_and_what_never_takes_effect_is_refused(string text, string words) => _ = Marked.Refused(text, words);

    [Fact]
    public void A_rule_in_what_the_parent_denies_is_refused_with_both_lines() =>
        _ = Marked.Refused("extends = \"parent\"\n[paths]\nread = [«\"/srv/a\"]", "'/srv/**' is denied (parent.toml:4)", "# parent\n[paths]\nread = [\"/srv/a\"]\ndeny = [\"/srv/**\"]".Replace("read = [\"/srv/a\"]", "read = [\"/**\"]", StringComparison.Ordinal));

    [Fact]
    public void A_child_may_deny_what_it_inherits() =>
        Assert.Empty(Marked.SetOf("extends = \"parent\"\n[paths]\ndeny = [\"/srv/**\"]", "# parent\n[paths]\nread = [\"/srv/a\", \"/etc/hosts\"]").Compile("test").Errors);

    [Fact]
    public void What_is_denied_may_lie_in_what_is_allowed_and_need_not() =>
        Assert.Empty(Marked.SetOf("[paths]\nread = [\"/srv/**\"]\nwrite = [\"/srv/**\"]\ndeny = [\"/srv/private/**\", \"/etc/shadow\"]\ndeny_write = [\"/srv/fixed\"]").Compile("test").Errors);

    [Fact]
    public void With_AppArmor_a_pattern_of_paths_is_enforced()
    {
        PolicyCompilation compiled = Marked.SetOf("[paths]\nread = [\"/srv/*.txt\"]").Compile("test", new CompileOptions { Layers = Layers.Stock | Layers.AppArmor });
        Assert.Equal(("/srv/*.txt", true, false), (compiled.Policy!.Paths.Single().Path, compiled.Policy.Paths.Single().IsGlob, compiled.Policy.Paths.Single().IsTree));
        Assert.Equal(Layers.AppArmor, new Explainer(compiled.Policy).Explain("open-read /srv/a.txt").Layers);
    }

    [Theory]
    [InlineData("[[host]]\nname = \"example.com\"", Layers.Egress, "it needs egress")]
    [InlineData("secrets = [\"A\"]", Layers.Egress, "it needs egress")]
    [InlineData("[limits]\ntokens = 1", Layers.Model, "it needs model")]
    [InlineData("[limits]\nmemory = \"1MiB\"", Layers.Cgroup, "it needs cgroup")]
    [InlineData("[limits]\ndisk = \"1MiB\"", Layers.View | Layers.Launch, "it needs view+launch")]
    [InlineData("[syscalls]\nallow = [\"bpf\"]", Layers.Seccomp, "it needs seccomp")]
    [InlineData("[[command]]\npath = \"/a\"\narguments = []", Layers.Launch, "it needs launch")]
    [InlineData("[paths]\ndeny = [\"/a\"]", Layers.View, "it needs view")]
    [InlineData("[syscalls]\nonly = [\"read\"]", Layers.Seccomp, "it needs seccomp")]
    [InlineData("[syscalls]\nask = [\"bpf\"]", Layers.Approval, "it needs approval")]
    [InlineData("[[command]]\npath = \"/a\"\napprove = true", Layers.Approval, "it needs approval")]
    [InlineData("launch = true", Layers.Launch, "it needs launch")]
    [InlineData("on_revoke = \"kill\"", Layers.Launch, "it needs launch")]
    [InlineData("[paths]\nread = [\"/a\"]", Layers.View | Layers.Landlock, "it needs view+landlock")]
    public void Where_a_layer_is_missing_its_rules_are_refused(string text, Layers missing, string words)
    {
        Assert.Contains(words, Marked.SetOf(text).Compile("test", new CompileOptions { Layers = Layers.Stock & ~missing }).Errors.Single().Message, StringComparison.Ordinal);
        Assert.Empty(Marked.SetOf(text).Compile("test").Errors);
    }
}

using ClawOS.Security.Policy;
using Policy.Tests.Reading;

namespace Policy.Tests.Compiling;

public sealed class PolicySetTests
{
    [Fact]
    public void A_policy_that_extends_itself_is_refused() =>
        _ = Marked.Refused("extends = «\"test\"", "'test' extends itself: test -> test");

    [Fact]
    public void A_circle_is_refused_with_all_who_are_in_it() =>
        Assert.Equal("'test' extends itself: test -> a -> b -> test", Marked.SetOf("extends = \"a\"", "# a\nextends = \"b\"", "# b\nextends = \"test\"").Compile("test").Errors.Single().Message);

    [Fact]
    public void A_missing_parent_is_refused() =>
        _ = Marked.Refused("\nextends = «\"nobody\"", "there is no policy 'nobody'");

    [Fact]
    public void A_missing_parent_is_not_looked_for_among_those_that_would_make_a_circle()
    {
        PolicySet set = PolicySet.Empty.With([("a.toml", PolicyFile.Parse("extends = \"b\"", "a.toml")), ("long-name.toml", PolicyFile.Parse("", "long-name.toml"))]);
        Assert.Equal("there are long-name", set.Compile("a").Errors.Single().Suggestion);
    }

    /// <summary>Each save of a parent checks the chains of all its children, under a lock.</summary>
    [Fact]
    public void A_chain_has_an_end()
    {
        PolicySet set = PolicySet.Empty.With(Enumerable.Range(0, PolicySet.MaxChain + 1).Select(i => ($"p{i}.toml", PolicyFile.Parse(i == 0 ? "" : $"extends = \"p{i - 1}\"", $"p{i}.toml"))));
        Assert.NotNull(set.Compile($"p{PolicySet.MaxChain - 1}").Policy);
        PolicyError error = set.Compile($"p{PolicySet.MaxChain}").Errors.Single();
        Assert.Contains("at most 16 policies", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_errors_of_a_parent_are_shown_with_its_name() =>
        Assert.Equal("parent.toml:2:1", string.Join(':', Marked.SetOf("extends = \"parent\"", "# parent\nx = 1").Compile("test").Errors.Select(error => $"{error.File}:{error.Line}:{error.Column}")));

    [Fact]
    public void A_name_that_nobody_has_is_the_caller_s_mistake() =>
        Assert.Throws<ArgumentException>(() => PolicySet.Shipped.Compile("nobody"));

    [Fact]
    public void A_folder_s_policies_hide_shipped_ones_of_their_name()
    {
        string folder = Directory.CreateTempSubdirectory("claw-policy-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "coder.toml"), "secrets = [\"MINE\"]");
            File.WriteAllText(Path.Combine(folder, "mine.toml"), "extends = \"coder\"");
            PolicySet set = PolicySet.Load(folder);
            Assert.Equal(["MINE"], set.Compile("mine").Policy!.Secrets);
            Assert.Equal(["coder", "mine", "read-only", "researcher", "tool-default"], set.Names);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/")]
    [InlineData("/a/../b")]
    [InlineData("/a/")]
    [InlineData("/a*")]
    [InlineData("$WORKSPACE/x")]
    public void A_workspace_is_an_absolute_path(string workspace) =>
        Assert.Throws<ArgumentException>(() => new CompileOptions { Workspace = workspace });

    [Fact]
    public void A_file_without_length_is_not_opened_and_one_that_is_too_long_not_read()
    {
        Assert.Equal([], PolicyFile.Read("/dev/zero").Errors);
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.OpenWrite(path))
                file.SetLength(1L << 40);
            Assert.Contains("a policy has at most 262144 characters", Assert.Single(PolicyFile.Read(path).Errors).ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_workspace_takes_the_place_of_its_variable()
    {
        EffectivePolicy policy = Marked.SetOf("[paths]\nread = [\"$WORKSPACE/**\", \"$WORKSPACE\"]\n[[command]]\npath = \"$WORKSPACE/run\"").Compile("test", new CompileOptions { Workspace = "/home/me" }).Policy!;
        Assert.Equal([("/home/me", true), ("/home/me", false)], policy.Paths.Select(rule => (rule.Path, rule.IsTree)));
        Assert.Equal("/home/me/run", policy.Commands.Single().Path);
    }

    [Fact]
    public void Nothing_is_allowed_by_an_empty_policy()
    {
        EffectivePolicy policy = Marked.SetOf("").Compile("test").Policy!;
        Assert.Empty(policy.Paths);
        Assert.Empty(policy.Commands);
        Assert.Empty(policy.Hosts);
        Assert.Empty(policy.Secrets);
        Assert.Empty(policy.SyscallAdditions);
        Assert.Equal("tool-default", policy.SyscallProfile);
    }
}

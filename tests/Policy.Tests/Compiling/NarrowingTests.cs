using ClawOS.Security.Policy;
using Policy.Tests.Reading;

namespace Policy.Tests.Compiling;

public sealed class NarrowingTests
{
    private const string Parent = """
        # parent
        secrets = ["A", "B"]
        [paths]
        read = ["/srv/**", "/etc/hosts"]
        write = ["/srv/data/**"]
        execute = ["/usr/**"]
        deny = ["/srv/private/**"]
        [[command]]
        path = "/opt/git"
        arguments = ["log", "**"]
        forbid = ["--output*"]
        [[host]]
        name = "*.example.com"
        ports = [443, 8443]
        methods = ["GET", "POST"]
        paths = ["/v1"]
        [syscalls]
        profile = "default"
        allow = ["ptrace"]
        [limits]
        memory = "1GiB"
        time = "5m"
        cost = "2 USD"
        """;

    private const string Asking = """
        # asking
        on_revoke = "kill"
        launch = false
        [[command]]
        path = "/opt/push"
        approve = true
        [[command]]
        path = "/opt/pull"
        [syscalls]
        allow = ["ptrace"]
        only = ["read", "write", "ptrace", "mount"]
        ask = ["ptrace"]
        """;

    [Theory]
    [InlineData("launch = «true", "the parent does not let sandboxes be started (asking.toml:3)")]
    [InlineData("on_revoke = «\"keep\"", "the parent ends what cannot be narrowed (asking.toml:2)")]
    [InlineData("[[command]]\npath = «\"/opt/push\"", "the command '/opt/push' would not wait for the owner's yes, as the parent's does (asking.toml:5)")]
    [InlineData("[[command]]\npath = «\"/opt/push\"\narguments = [\"now\"]\napprove = false", "would not wait for the owner's yes")]
    [InlineData("[syscalls]\nonly = [\"read\", «\"bpf\"]", "the system call 'bpf' is not among the parent's (asking.toml:11)")]
    public void A_child_that_asks_less_is_refused_with_both_lines(string child, string words) =>
        _ = Marked.Refused($"extends = \"asking\"\n{child}", words, Asking);

    [Theory]
    [InlineData("launch = false\non_revoke = \"kill\"")]
    [InlineData("[[command]]\npath = \"/opt/push\"\narguments = [\"now\"]\napprove = true\n[[command]]\npath = \"/opt/pull\"\napprove = true")]
    [InlineData("[syscalls]\nonly = [\"read\"]")]
    [InlineData("[syscalls]\nask = [\"ptrace\", \"mount\"]")]
    public void A_child_that_asks_more_is_accepted(string child) =>
        Assert.Empty(Marked.SetOf($"extends = \"asking\"\n{child}", Asking).Compile("test").Errors);

    [Fact]
    public void Asked_calls_add_up_and_those_that_only_leaves_out_are_gone()
    {
        EffectivePolicy inherited = Marked.SetOf("extends = \"asking\"\n[syscalls]\nask = [\"mount\"]", Asking).Compile("test").Policy!;
        Assert.Equal(["mount", "ptrace"], inherited.SyscallsAsked);
        Assert.Equal(["mount", "ptrace", "read", "write"], inherited.SyscallsOnly);
        Assert.True(inherited.IsKilledOnRevoke);
        Assert.False(inherited.MayLaunch);
        EffectivePolicy narrow = Marked.SetOf("extends = \"asking\"\n[syscalls]\nonly = [\"read\", \"mount\"]", Asking).Compile("test").Policy!;
        Assert.Empty(narrow.SyscallsAsked);
        Assert.Empty(narrow.SyscallAdditions);
        Assert.Equal(["mount", "read"], narrow.SyscallsOnly);
        EffectivePolicy wide = Marked.SetOf("launch = true").Compile("test").Policy!;
        Assert.True(wide.MayLaunch);
        Assert.Null(wide.SyscallsOnly);
        Assert.False(wide.IsKilledOnRevoke);
        Assert.Single(Marked.SetOf("extends = \"plain\"\nlaunch = true", "# plain").Compile("test").Errors);
    }

    [Theory]
    [InlineData("secrets = [\"A\", «\"C\"]", "'C' is not among the parent's (parent.toml:2)")]
    [InlineData("[paths]\nread = [«\"/srv2/**\"]", "'/srv2/**' is not within what the parent lets read (parent.toml:4)")]
    [InlineData("[paths]\nread = [«\"/**\"]", "'/**' is not within")]
    [InlineData("[paths]\nread = [«\"/etc/hosts/**\"]", "'/etc/hosts/**' is not within")]
    [InlineData("[paths]\nread = [\"/srv/a\", «\"/usr/a\"]", "'/usr/a' is not within")]
    [InlineData("[paths]\nwrite = [«\"/srv/**\"]", "'/srv/**' is not within what the parent lets write (parent.toml:5)")]
    [InlineData("[paths]\nexecute = [«\"/srv/data/**\"]", "what the parent lets execute (parent.toml:6)")]
    [InlineData("[[command]]\npath = «\"/opt/git\"", "may do what the parent's may not (parent.toml:9)")]
    [InlineData("[[command]]\npath = «\"/opt/git\"\narguments = [\"log\", \"**\"]", "(parent.toml:9)")]
    [InlineData("[[command]]\npath = «\"/opt/git\"\narguments = [\"push\"]", "(parent.toml:9)")]
    [InlineData("[[command]]\npath = «\"/opt/other\"", "may do what the parent's may not, 'parent' (test.toml:1)")]
    [InlineData("[[host]]\nname = «\"example.com\"", "does not let 'example.com:443' pass, 'parent' (test.toml:1)")]
    [InlineData("[[host]]\nname = «\"a.example.com\"", "does not let 'a.example.com:443' pass (parent.toml:13)")]
    [InlineData("[[host]]\nname = «\"a.example.com\"\nmethods = [\"GET\"]", "does not let 'a.example.com:443 GET' pass")]
    [InlineData("[[host]]\nname = «\"a.example.com\"\nmethods = [\"GET\", \"PUT\"]\npaths = [\"/v1/x\"]", "'a.example.com:443 PUT /v1/x'")]
    [InlineData("[[host]]\nname = «\"a.example.com\"\nmethods = [\"GET\"]\npaths = [\"/v10\"]", "'a.example.com:443 GET /v10'")]
    [InlineData("[[host]]\nname = «\"a.example.com\"\nports = [80]\nmethods = [\"GET\"]\npaths = [\"/v1\"]", "'a.example.com:80 GET /v1'")]
    [InlineData("[syscalls]\nallow = [«\"bpf\"]", "the system call 'bpf' is not among the parent's (parent.toml:19)")]
    [InlineData("[syscalls]\nprofile = «\"tool-default\"", "the profile is not the parent's, 'default': which of two is the narrower is not decided here (parent.toml:18)")]
    [InlineData("[limits]\nmemory = «\"1025MiB\"", "'memory' is more than the parent's (parent.toml:21)")]
    [InlineData("[limits]\ntime = «\"301s\"", "(parent.toml:22)")]
    [InlineData("[limits]\ncost = «\"2.01 USD\"", "(parent.toml:23)")]
    public void A_child_that_widens_is_refused_with_both_lines(string child, string words) =>
        _ = Marked.Refused($"extends = \"parent\"\n{child}", words, Parent);

    [Theory]
    [InlineData("")]
    [InlineData("secrets = []")]
    [InlineData("secrets = [\"B\"]\n[paths]\nread = [\"/srv/a/**\", \"/srv/b\", \"/etc/hosts\"]\nwrite = []\ndeny = [\"/usr/sbin/**\"]")]
    [InlineData("[[command]]\npath = \"/opt/git\"\narguments = [\"log\", \"-1\"]")]
    [InlineData("[[command]]\npath = \"/opt/git\"\narguments = [\"log\", \"*\"]\nforbid = [\"--out*\"]")]
    [InlineData("[paths]\nexecute = []\n[[command]]\npath = \"/usr/bin/env\"\narguments = []")]
    [InlineData("[[host]]\nname = \"*.b.example.com\"\nports = [8443]\nmethods = [\"GET\"]\npaths = [\"/v1\", \"/v1/x\"]")]
    [InlineData("[syscalls]\nprofile = \"default\"\nallow = []\n[limits]\nmemory = \"1024MiB\"\ntime = \"300s\"\nprocesses = 3")]
    public void A_child_that_narrows_is_accepted(string child) =>
        Assert.Empty(Marked.SetOf($"extends = \"parent\"\n{child}", Parent).Compile("test").Errors);

    [Fact]
    public void What_a_child_does_not_mention_it_inherits_and_denials_add_up()
    {
        EffectivePolicy policy = Marked.SetOf("extends = \"parent\"\n[paths]\nread = [\"/srv/**\"]\ndeny = [\"/usr/sbin/**\"]\n[limits]\nmemory = \"1MiB\"", Parent).Compile("test").Policy!;
        Assert.Equal(["/srv/private", "/usr/sbin"], policy.Paths.Where(rule => rule.IsDenied).Select(rule => rule.Path));
        Assert.Equal(["/srv"], policy.Paths.Where(rule => rule.Access == PathAccess.Read).Select(rule => rule.Path));
        Assert.Equal(["/usr"], policy.Paths.Where(rule => rule.Access == PathAccess.Execute).Select(rule => rule.Path));
        Assert.Equal(["A", "B"], policy.Secrets);
        Assert.Equal(new Limits(MemoryBytes: 1 << 20, WallTime: TimeSpan.FromMinutes(5), Cost: 2), policy.Limits);
        Assert.Equal("default", policy.SyscallProfile);
    }

    [Fact]
    public void A_grandchild_is_held_against_its_parent_not_its_grandparent() =>
        _ = Marked.Refused("extends = \"middle\"\nsecrets = [«\"A\"]", "not among the parent's (middle.toml:3)", Parent, "# middle\nextends = \"parent\"\nsecrets = [\"B\"]");

    [Fact]
    public void A_workspace_may_lie_in_what_the_parent_allows()
    {
        PolicySet set = Marked.SetOf("extends = \"parent\"\n[paths]\nread = [\"$WORKSPACE/**\"]", "# parent\n[paths]\nread = [\"/home/**\"]");
        Assert.Single(set.Compile("test").Errors);
        Assert.Empty(set.Compile("test", new CompileOptions { Workspace = "/home/me/x" }).Errors);
    }
}

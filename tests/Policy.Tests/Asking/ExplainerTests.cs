using ClawOS.Security.Policy;
using Policy.Tests.Reading;

namespace Policy.Tests.Asking;

public sealed class ExplainerTests
{
    private const string Text = """
        secrets = ["TOKEN"]
        [paths]
        read = ["/srv/**", "/etc/hosts"]
        write = ["/srv/data/**"]
        execute = ["/usr/bin/**"]
        deny = ["/srv/private/**", "/srv/one"]
        deny_write = ["/srv/data/fixed"]
        [[command]]
        path = "/opt/git"
        arguments = ["commit", "-m", "*"]
        [[command]]
        path = "/opt/git"
        arguments = ["log", "**"]
        forbid = ["--output*"]
        [[command]]
        path = "/opt/free"
        [[host]]
        name = "api.example.com"
        ports = [443, 8443]
        methods = ["GET", "POST"]
        paths = ["/v1"]
        [[host]]
        name = "*.example.org"
        [[host]]
        name = "2001:db8::1"
        ports = [22]
        [syscalls]
        profile = "default"
        allow = ["ptrace"]
        """;

    private const string Asking = """
        launch = true
        on_revoke = "kill"
        [[command]]
        path = "/opt/push"
        arguments = ["now"]
        approve = true
        [[command]]
        path = "/opt/any"
        approve = true
        [syscalls]
        allow = ["ptrace"]
        only = ["read", "ptrace", "mount"]
        ask = ["ptrace", "mount"]
        """;

    private static readonly Explainer Explainer = new(Marked.SetOf(Text).Compile("test").Policy!);

    [Theory]
    [InlineData("open-read /srv", "allowed by view+landlock, test.toml:3: read of '/srv/**'")]
    [InlineData("open-read /srv/a b/c", "allowed by view+landlock, test.toml:3: read of '/srv/**'")]
    [InlineData("open-read /srvx", "denied by view+landlock: no rule allows read")]
    [InlineData("open-read /", "denied by view+landlock: no rule allows read")]
    [InlineData("open-read /etc/hosts", "allowed by view+landlock, test.toml:3: read of '/etc/hosts'")]
    [InlineData("open-read /etc/hosts/x", "denied by view+landlock: no rule allows read")]
    [InlineData("open-read /srv/private", "denied by view, test.toml:6: '/srv/private/**' is denied")]
    [InlineData("open-read /srv/private/x", "denied by view, test.toml:6: '/srv/private/**' is denied")]
    [InlineData("open-read /srv/one", "denied by view, test.toml:6: '/srv/one' is denied")]
    [InlineData("open-read /srv/one/two", "allowed by view+landlock, test.toml:3: read of '/srv/**'")]
    [InlineData("open-write /srv/a", "denied by view+landlock: no rule allows write")]
    [InlineData("open-write /srv/data/a", "allowed by view+landlock, test.toml:4: write of '/srv/data/**'")]
    [InlineData("open-write /srv/data/fixed", "denied by view, test.toml:7: '/srv/data/fixed' is denied")]
    [InlineData("open-read /srv/data/fixed", "allowed by view+landlock, test.toml:3: read of '/srv/**'")]
    [InlineData("exec /usr/bin/env -i anything", "allowed by view+landlock, test.toml:5: execute of '/usr/bin/**'")]
    [InlineData("exec /opt/git commit -m 'two words'", "allowed by landlock+launch, test.toml:9: the command '/opt/git' with these arguments")]
    [InlineData("exec /opt/git commit -m two words", "denied by launch, test.toml:9: the command '/opt/git' has other arguments")]
    [InlineData("exec /opt/git log", "allowed by landlock+launch, test.toml:12: the command '/opt/git' with these arguments")]
    [InlineData("exec /opt/git log -1 --stat", "allowed by landlock+launch, test.toml:12: the command '/opt/git' with these arguments")]
    [InlineData("exec /opt/git log --output=x", "denied by launch, test.toml:9: the command '/opt/git' has other arguments")]
    [InlineData("exec /opt/free a b", "allowed by landlock, test.toml:16: the command '/opt/free'")]
    [InlineData("exec /opt/other", "denied by view+landlock: no rule allows execute")]
    [InlineData("connect api.example.com:443 GET /v1/x", "allowed by egress, test.toml:18: host 'api.example.com', port 443 GET /v1/x")]
    [InlineData("connect API.example.com.:8443 get /v1?q=1", "allowed by egress, test.toml:18: host 'api.example.com', port 8443 GET /v1")]
    [InlineData("connect api.example.com:443 GET /v10", "denied by egress, test.toml:18: host 'api.example.com' is allowed, but not port 443 GET /v10")]
    [InlineData("connect api.example.com:443", "denied by egress, test.toml:18: host 'api.example.com' is allowed, but not port 443 other than by HTTP")]
    [InlineData("connect a.b.example.org:443", "allowed by egress, test.toml:23: host '*.example.org', port 443")]
    [InlineData("connect example.org:443", "denied by egress: no rule is about 'example.org'")]
    [InlineData("connect evil-example.org:443", "denied by egress: no rule is about 'evil-example.org'")]
    [InlineData("connect [2001:db8::1]:22", "allowed by egress, test.toml:25: host '2001:db8::1', port 22")]
    [InlineData("secret TOKEN", "allowed by egress, test.toml:1: the secret 'TOKEN'")]
    [InlineData("secret OTHER", "denied by egress: no rule names the secret 'OTHER'")]
    [InlineData("syscall ptrace", "allowed by seccomp, test.toml:29: 'ptrace' is added to the profile")]
    [InlineData("syscall read", "decided by seccomp, test.toml:28: the profile 'default' decides about 'read'")]
    public void A_question_is_answered_with_verdict_layer_and_rule(string question, string answer) =>
        Assert.Equal(answer, Explainer.Explain(question).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("dance")]
    [InlineData("open-reed /a", "did you mean 'open-read'?")]
    [InlineData("open-read a")]
    [InlineData("open-read /a/../b")]
    [InlineData("open-read /a//b")]
    [InlineData("open-read /a/")]
    [InlineData("exec")]
    [InlineData("exec /a 'b")]
    [InlineData("connect example.com")]
    [InlineData("connect example.com:0")]
    [InlineData("connect example.com:443 GET")]
    [InlineData("connect example.com:443 GET /a/../b")]
    [InlineData("connect example.com:443 GET /%2e%2e/b")]
    [InlineData("connect 127.1:443")]
    [InlineData("connect *.example.com:443")]
    [InlineData("secret a/b")]
    [InlineData("syscall")]
    public void What_is_no_question_is_said_to_be_none(string question, string words = "") =>
        Assert.Contains(words, Assert.Throws<FormatException>(() => Explainer.Explain(question)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("exec /opt/push now", "allowed by landlock+launch+approval, test.toml:4: the command '/opt/push' with these arguments, each time the owner says yes")]
    [InlineData("exec /opt/push later", "denied by launch, test.toml:4: the command '/opt/push' has other arguments")]
    [InlineData("exec /opt/any x", "allowed by landlock+launch+approval, test.toml:8: the command '/opt/any', each time the owner says yes")]
    [InlineData("open-read /opt/any", "denied by view+landlock, test.toml:8: no rule allows read; the command '/opt/any' lets the file be read only where its launch was approved")]
    [InlineData("syscall read", "decided by seccomp: the profile 'tool-default' decides about 'read'")]
    [InlineData("syscall bpf", "denied by seccomp, test.toml:12: 'bpf' is not among the only system calls")]
    [InlineData("syscall ptrace", "allowed by seccomp+approval, test.toml:13: 'ptrace' is added to the profile, and each one waits for the owner's yes")]
    [InlineData("syscall mount", "decided by seccomp+approval, test.toml:13: the profile 'tool-default' decides about 'mount'; where it allows the call, each one waits for the owner's yes")]
    public void What_waits_for_the_owner_is_said_to(string question, string answer) =>
        Assert.Equal(answer, new Explainer(Marked.SetOf(Asking).Compile("test").Policy!).Explain(question).ToString());

    [Fact]
    public void What_asking_takes_is_said_to_pass_where_there_is_something_to_ask_for()
    {
        Explainer asking = new(Marked.SetOf("[[command]]\npath = \"/opt/any\"\napprove = true\n").Compile("test").Policy!);
        Assert.Equal("decided by seccomp: the profile 'tool-default' decides about 'socket'; asking at the launch socket is let pass", asking.Explain("syscall socket").ToString());
        Assert.Equal("decided by seccomp: the profile 'tool-default' decides about 'bind'", asking.Explain("syscall bind").ToString());
    }

    [Fact]
    public void The_effective_text_says_what_is_asked_and_what_is_left() => Assert.Equal(
        """
        ask        mount                     seccomp+approval          test.toml:13
        ask        ptrace                    seccomp+approval          test.toml:13
        command    /opt/any [...] if approved  landlock+launch+approval  test.toml:8
        command    /opt/push now if approved  landlock+launch+approval  test.toml:4
        launch     true                      launch                    test.toml:1
        on_revoke  kill                      launch                    test.toml:2
        only       mount                     seccomp                   test.toml:12
        only       ptrace                    seccomp                   test.toml:12
        only       read                      seccomp                   test.toml:12
        profile    tool-default              seccomp                   default
        syscall    ptrace                    seccomp                   test.toml:11

        """.Replace(" ", "", StringComparison.Ordinal),
        EffectiveText.Render(Marked.SetOf(Asking).Compile("test").Policy!).Replace(" ", "", StringComparison.Ordinal));

    [Fact]
    public void A_policy_without_hosts_has_no_network_at_all() =>
        Assert.Equal("denied by network: the policy names no host", new Explainer(Marked.SetOf("").Compile("test").Policy!).Explain("connect example.com:443").ToString());

    [Fact]
    public void The_effective_text_is_sorted_and_names_layer_and_line() => Assert.Equal(
        """
        command     /opt/free [...]                        landlock         test.toml:16
        command     /opt/git commit -m *                   landlock+launch  test.toml:9
        command     /opt/git log ** but not --output*      landlock+launch  test.toml:12
        deny        /srv/one                               view             test.toml:6
        deny        /srv/private/**                        view             test.toml:6
        deny_write  /srv/data/fixed                        view             test.toml:7
        execute     /usr/bin/**                            view+landlock    test.toml:5
        host        *.example.org:443                      egress           test.toml:23
        host        2001:db8::1:22                         egress           test.toml:25
        host        api.example.com:443,8443 GET,POST /v1  egress           test.toml:18
        profile     default                                seccomp          test.toml:28
        read        /etc/hosts                             view+landlock    test.toml:3
        read        /srv/**                                view+landlock    test.toml:3
        secret      TOKEN                                  egress           test.toml:1
        syscall     ptrace                                 seccomp          test.toml:29
        write       /srv/data/**                           view+landlock    test.toml:4

        """,
        EffectiveText.Render(Marked.SetOf(Text).Compile("test").Policy!));

    [Fact]
    public void Limits_are_shown_in_the_largest_unit_that_fits() => Assert.Equal(
        ["cost 2.50 USD", "cpu 250%", "disk 3GiB", "memory 1536KiB", "processes 7", "profile tool-default", "time 90m", "tokens 5"],
        EffectiveText.Lines(Marked.SetOf("[limits]\ncpu = \"250%\"\nmemory = \"1536KiB\"\nprocesses = 7\ndisk = \"3072MiB\"\ntime = \"90m\"\ntokens = 5\ncost = \"2.50 USD\"").Compile("test").Policy!).Select(line => $"{line.What} {line.Rule}"));
}

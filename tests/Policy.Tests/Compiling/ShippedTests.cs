using ClawOS.Security.Policy;

namespace Policy.Tests.Compiling;

public sealed class ShippedTests
{
    public static TheoryData<string> Names => [.. PolicySet.Shipped.Names];

    [Fact]
    public void Four_policies_come_with_the_program() => Assert.Equal(["coder", "read-only", "researcher", "tool-default"], PolicySet.Shipped.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_compiles_and_keeps_to_what_is_never_allowed(string name)
    {
        Explainer explainer = Open(name);
        foreach (string question in (string[])["open-read /etc/shadow", "open-read /root/.ssh/id_ed25519", "open-read /home/other/x", "open-write /usr/bin/env", "open-write /etc/passwd", "secret TOKEN", "connect 127.0.0.1:80", "connect 169.254.169.254:80 GET /", "exec /home/other/x"])
        {
            Assert.Equal(Verdict.Denied, explainer.Explain(question).Verdict);
        }

        Assert.Equal(Verdict.Allowed, explainer.Explain("exec /usr/bin/env ls").Verdict);
        Assert.Equal(Verdict.Allowed, explainer.Explain("open-read /home/me/code/a").Verdict);
    }

    [Theory]
    [InlineData("read-only", "open-write /home/me/code/a", Verdict.Denied)]
    [InlineData("tool-default", "open-write /home/me/code/a", Verdict.Denied)]
    [InlineData("tool-default", "exec /home/me/code/a", Verdict.Denied)]
    [InlineData("coder", "open-write /home/me/code/a", Verdict.Allowed)]
    [InlineData("coder", "open-write /home/me/code/.git/objects/aa/bb", Verdict.Allowed)]
    [InlineData("coder", "open-write /home/me/code/.git/hooks/pre-commit", Verdict.Denied)]
    [InlineData("coder", "open-read /home/me/code/.git/config", Verdict.Allowed)]
    [InlineData("coder", "open-write /home/me/code/.git/config", Verdict.Denied)]
    [InlineData("coder", "exec /home/me/code/build/program --fast", Verdict.Allowed)]
    [InlineData("coder", "connect example.com:443 GET /", Verdict.Denied)]
    [InlineData("researcher", "connect en.wikipedia.org:443 GET /wiki/Linux", Verdict.Allowed)]
    [InlineData("researcher", "connect en.wikipedia.org:443 POST /wiki/Linux", Verdict.Denied)]
    [InlineData("researcher", "connect en.wikipedia.org:443", Verdict.Denied)]
    [InlineData("researcher", "connect en.wikipedia.org:80 GET /", Verdict.Denied)]
    [InlineData("researcher", "connect wikipedia.org.evil.example:443 GET /", Verdict.Denied)]
    [InlineData("researcher", "connect evilwikipedia.org:443 GET /", Verdict.Denied)]
    [InlineData("researcher", "connect arxiv.org:443 GET /abs/2401.00001", Verdict.Allowed)]
    [InlineData("researcher", "connect arxiv.org:443 GET /absolutely", Verdict.Denied)]
    public void Each_allows_what_it_is_for(string name, string question, Verdict verdict) => Assert.Equal(verdict, Open(name).Explain(question).Verdict);

    private static Explainer Open(string name)
    {
        PolicyCompilation compiled = PolicySet.Shipped.Compile(name, new CompileOptions { Workspace = "/home/me/code" });
        Assert.Empty(compiled.Errors);
        return new Explainer(compiled.Policy!);
    }
}

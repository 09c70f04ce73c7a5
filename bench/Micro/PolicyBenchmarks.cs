using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using ClawOS.Security.Policy;

namespace ClawOS.Bench.Micro;

/// <summary>A policy of 1,000 rules and a child that narrows it: from text to what is enforced, and one question.</summary>
public class PolicyBenchmarks
{
    private const int Rules = 1000;

    private string _parent = "";
    private string _child = "";
    private PolicySet _set = PolicySet.Shipped;
    private Explainer _explainer = new(PolicySet.Shipped.Compile("coder").Policy!);

    [GlobalSetup]
    public void Setup()
    {
        // 600 paths, 200 commands, 200 hosts; the child repeats them all and so is compared with all.
        StringBuilder text = new("[paths]\n");
        List(text, "read", 300, i => $"/srv/team{i % 20}/project{i}/**");
        List(text, "write", 200, i => $"/srv/team{i % 20}/project{i}/out/**");
        List(text, "deny", 100, i => $"/srv/team{i % 20}/project{i}/private/**");
        for (int i = 0; i < 200; i++)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"[[command]]\npath = \"/opt/tools/tool{i}\"\narguments = [\"run\", \"*\", \"**\"]\n");
            _ = text.Append(CultureInfo.InvariantCulture, $"[[host]]\nname = \"host{i}.example.com\"\nmethods = [\"GET\"]\npaths = [\"/v{i}\"]\n");
        }

        _parent = text.ToString();
        _child = "extends = \"parent\"\n" + _parent;
        _set = Read();
        _explainer = new Explainer(_set.Compile("child").Policy!);
        if (_explainer.Explain("open-read /srv/team7/project287/src/main.c").Verdict != Verdict.Allowed || _set.Compile("child").Policy!.Commands.Count + _set.Compile("child").Policy!.Hosts.Count != 400)
        {
            throw new InvalidOperationException($"the policy has not its {Rules} rules");
        }
    }

    /// <summary>Two files of 1,000 rules each, from their text.</summary>
    [Benchmark]
    public int Parse() => Read().Names.Count;

    /// <summary>Both joined, compared, checked, from the parsed files.</summary>
    [Benchmark]
    public int Compile() => _set.Compile("child").Policy!.Paths.Count;

    /// <summary>One file of 1,000 rules, from its text to the policy.</summary>
    [Benchmark]
    public int ParseAndCompile() => PolicySet.Shipped.With([("parent.toml", PolicyFile.Parse(_parent, "parent.toml"))]).Compile("parent").Policy!.Paths.Count;

    /// <summary>What asking needs once.</summary>
    [Benchmark]
    public object Index() => new Explainer(_set.Compile("parent").Policy!);

    [Benchmark]
    public object ExplainPath() => _explainer.Explain("open-read /srv/team7/project287/private/main.c");

    [Benchmark]
    public object ExplainCommand() => _explainer.Explain("exec /opt/tools/tool123 run a b c");

    [Benchmark]
    public object ExplainConnection() => _explainer.Explain("connect host123.example.com:443 GET /v123/x");

    private PolicySet Read() => PolicySet.Shipped.With([("parent.toml", PolicyFile.Parse(_parent, "parent.toml")), ("child.toml", PolicyFile.Parse(_child, "child.toml"))]);

    private static void List(StringBuilder text, string key, int count, Func<int, string> path) =>
        text.Append(CultureInfo.InvariantCulture, $"{key} = [\n{string.Concat(Enumerable.Range(0, count).Select(i => $"  \"{path(i)}\",\n"))}]\n");
}

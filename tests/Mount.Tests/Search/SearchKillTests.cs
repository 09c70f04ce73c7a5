using System.Globalization;
using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Search;

/// <summary>The process that serves and indexes is killed at any moment; the supervisor starts another one under the same mount.</summary>
public sealed class SearchKillTests : IDisposable
{
    private const int Files = 300;
    private readonly ClawMount _claw = new ClawMount { UpArguments = ["--fs-restarts", "1000"] }.Up();
    private readonly Random _random;
    private readonly SortedDictionary<int, int> _topicOf = [];

    public SearchKillTests(ITestOutputHelper output)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        _random = new Random(seed);
    }

    public void Dispose() => _claw.Dispose();

    [Fact]
    public void After_a_kill_at_any_moment_every_file_is_found_once()
    {
        int rounds = Environment.GetEnvironmentVariable("CLAW_LONG") == "1" ? 40 : 6;
        for (int i = 0; i < Files; i++)
            Write(i);
        for (int round = 0; round < rounds; round++)
        {
            // While files are read; in a fit, at the switch or while it is saved; after a graph that is made anew; while removed vectors are healed.
            if (round % 3 == 1)
                File.WriteAllText(Path.Combine(_claw.Mount, "sys/index/params"), $"M={8 + round}\n");
            for (int change = 0; change < 40; change++)
            {
                int i = _random.Next(Files + 100);
                if (_random.Next(2) == 0)
                    Write(i);
                else if (_topicOf.Remove(i))
                    File.Delete(NameOf(i));
            }
            if (round % 2 == 0)
                Until(static status => status.Contains("\nembedder lsi ", StringComparison.Ordinal));
            Thread.Sleep(_random.Next(1500));
            Shell("/", $"kill -9 $(pgrep -f '[s]erve-fs --mount {_claw.Mount} ')");
            Check();
        }
    }

    [Fact]
    public void A_kill_costs_no_fit_once_the_vectors_were_saved()
    {
        for (int i = 0; i < Files; i++)
            Write(i);
        Settled();
        // The first save comes with the fit, the switch right behind it, and this one behind both.
        Write(1);
        Settled();
        _claw.Remount();
        string before = Settled();
        Shell("/", $"kill -9 $(pgrep -f '[s]erve-fs --mount {_claw.Mount} ')");
        string after = Settled();
        Assert.Contains("\nfits 0\n", before);
        Assert.Contains("\nfits 0\n", after);
        Assert.Equal(Line(before, "embedder"), Line(after, "embedder"));
        Check();
    }

    /// <summary>Each file is found by a word of its own, no file twice, and nothing that is gone.</summary>
    private void Check()
    {
        string status = Settled();
        Assert.Contains($"\nfiles {_topicOf.Count}\n", status);
        foreach (int i in _topicOf.Keys.Where(_ => _random.Next(6) == 0).ToArray())
            Assert.Equal([$"memory/f{i}.txt"], Paths(OwnWord(i)).Take(1));
        for (int topic = 0; topic < 5; topic++)
        {
            string[] paths = Paths($"{Word(topic, 1)} {Word(topic, 2)} {Word(topic, 3)}");
            Assert.NotEmpty(paths);
            Assert.Equal(paths.Length, paths.Distinct().Count());
            Assert.All(paths, path => Assert.Contains(int.Parse(path["memory/f".Length..^".txt".Length], CultureInfo.InvariantCulture), (IDictionary<int, int>)_topicOf));
        }
    }

    private void Write(int i)
    {
        _topicOf[i] = _random.Next(5);
        IEnumerable<string> words = Enumerable.Range(0, 60).Select(_ => Word(_topicOf[i], _random.Next(20)));
        File.WriteAllText(NameOf(i), $"{OwnWord(i)} {string.Join(' ', words)}\n");
    }

    private string NameOf(int i) => Path.Combine(_claw.Memory, $"f{i}.txt");

    private static string OwnWord(int i) => $"own{Letters(i)}x";

    private static string Word(int topic, int number) => $"topic{Letters(topic)}v{Letters(number)}";

    private static string Letters(int number) => string.Concat(number.ToString("000", CultureInfo.InvariantCulture).Select(static digit => (char)(digit - '0' + 'b')));

    private string[] Paths(string query) =>
        [.. File.ReadLines(Path.Combine(_claw.Mount, "search", query, "results.tsv")).Skip(1).Where(static line => line[0] != '#').Select(static line => line.Split('\t')[2])];

    private static string Line(string status, string name) => status.Split('\n').First(line => line.StartsWith($"{name} ", StringComparison.Ordinal));

    /// <summary>All files are looked at, all chunks have vectors, no fit is under way.</summary>
    private string Settled() => Until(static status => status.Contains("state ready\n", StringComparison.Ordinal) && status.Contains("\nwaiting 0\n", StringComparison.Ordinal)
        && !status.Contains("\npercent ", StringComparison.Ordinal) && Line(status, "embedder").StartsWith("embedder lsi", StringComparison.Ordinal)
        && Line(status, "embedded")[9..] == Line(status, "chunks")[7..]);

    private string Until(Func<string, bool> satisfied)
    {
        long end = Environment.TickCount64 + 90_000;
        for (string last = "nothing"; ; Thread.Sleep(20))
        {
            try
            {
                last = File.ReadAllText(Path.Combine(_claw.Mount, "sys/index/status"));
            }
            catch (IOException e)
            {
                // Asked in the moment of the kill.
                last = e.Message;
            }
            if (satisfied(last))
                return last;
            Assert.True(Environment.TickCount64 < end, last);
        }
    }
}

using System.Text.Json.Nodes;
using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Search;

/// <summary>claw index, on a running mount.</summary>
public sealed class TuneTests : IDisposable
{
    private readonly ClawMount _claw = new ClawMount().Up();

    public void Dispose() => _claw.Dispose();

    private string Parameters => Path.Combine(_claw.Mount, "sys/index/params");

    [Fact]
    public void It_measures_the_stores_own_vectors_and_writes_only_efSearch()
    {
        WriteNotes(1100);
        _claw.Claw("index", "set", "maxFileBytes=100000", "efSearch=99", "--mount", _claw.Mount).Must();
        string before = File.ReadAllText(Parameters);
        Assert.Contains("maxFileBytes=100000\n", before);
        Waiting.Until(() => _claw.Claw("index", "status", "--mount", _claw.Mount).Must().Out, text => Embedded(text) >= 1100, TimeSpan.FromMinutes(3));
        JsonObject dry = JsonNode.Parse(_claw.Claw("index", "tune", "--dry-run", "--json", "--mount", _claw.Mount).Must().Out)!.AsObject();
        Assert.Equal(before, File.ReadAllText(Parameters));
        int chosen = (int)dry["chosen"]!;
        Assert.True((double)dry["rows"]!.AsArray().Single(row => (int)row!["efSearch"]! == chosen)!["recall"]! >= 0.95);
        Assert.All(dry["rows"]!.AsArray().Where(row => (int)row!["efSearch"]! < chosen), row => Assert.True((double)row!["recall"]! < 0.95));
        string printed = _claw.Claw("index", "tune", "--recall", "0.95", "--mount", _claw.Mount).Must().Out;
        Assert.Contains($"wrote efSearch={chosen} to", printed);
        Assert.Contains("recall@10", printed);
        Assert.Equal(before.Replace("efSearch=99", $"efSearch={chosen}"), File.ReadAllText(Parameters));
        Assert.Contains("is set already", _claw.Claw("index", "tune", "--mount", _claw.Mount).Must().Out);
    }

    [Fact]
    public void Without_vectors_or_with_too_few_it_says_so_and_changes_nothing()
    {
        string before = File.ReadAllText(Parameters);
        ProgramResult none = _claw.Claw("index", "tune", "--mount", _claw.Mount);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("a model is made from 200 on", none.Err);
        WriteNotes(300);
        ProgramResult few = Waiting.Until(() => _claw.Claw("index", "tune", "--mount", _claw.Mount), result => result.Err.Contains("too few", StringComparison.Ordinal), TimeSpan.FromMinutes(2));
        Assert.Contains("1000 are wanted", few.Err);
        Assert.Equal(2, _claw.Claw("index", "set", "efSearch=3", "--mount", _claw.Mount).ExitCode);
        Assert.Equal(2, _claw.Claw("index", "tune", "--recall", "1.5", "--mount", _claw.Mount).ExitCode);
        Assert.Equal(2, _claw.Claw("index", "tune", "--apply", "--dry-run", "--mount", _claw.Mount).ExitCode);
        Assert.Equal(before, File.ReadAllText(Parameters));
        _claw.Claw("lock", _claw.Mount).Must();
        Assert.Equal(3, _claw.Claw("index", "tune", "--mount", _claw.Mount).ExitCode);
        Assert.Equal("state locked\n", _claw.Claw("index", "status", "--mount", _claw.Mount).Must().Out);
    }

    /// <summary>Short notes on topics, each of a few words out of the topic's own.</summary>
    private void WriteNotes(int count)
    {
        Random random = new(7);
        for (int i = 0; i < count; i++)
        {
            int topic = i % 40;
            IEnumerable<string> words = Enumerable.Range(0, 30).Select(_ => random.Next(4) == 0 ? $"common{random.Next(300)}" : $"topic{topic}word{random.Next(25)}");
            File.WriteAllText(Path.Combine(_claw.Memory, $"note-{i}.md"), string.Join(' ', words) + "\n");
        }
    }

    private static int Embedded(string status) =>
        int.Parse(status.Split('\n').Single(line => line.StartsWith("embedded ", StringComparison.Ordinal))["embedded ".Length..], System.Globalization.CultureInfo.InvariantCulture);
}

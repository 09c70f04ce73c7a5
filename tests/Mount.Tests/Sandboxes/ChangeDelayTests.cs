using System.Globalization;
using ClawOS.Mount.Tests.Search;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Sandboxes;

/// <summary>How long after a save a command that runs under the policy feels it.</summary>
public sealed class ChangeDelayTests(ITestOutputHelper output) : ProductTests
{
    private const string Writable = """write = ["/dev/null", "/dev/zero", "/dev/full", "$WORKSPACE/**"]""", ReadOnly = """write = ["/dev/null", "/dev/zero", "/dev/full"]""";
    private const int Rounds = 8;
    private const double Limit = 0.250;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // Says when a write gives another thing than before, by the machine's clock.
    private const string Watcher = """
        before=
        until [ -e stop ]; do
            if { : > probe; } 2>/dev/null; then now=writable; else now=refused; fi
            [ "$now" = "$before" ] || echo "$EPOCHREALTIME $now"
            before=$now
            sleep 0.005
        done
        """;

    /// <summary>The best of some: a machine that does something else at the moment may make one save late, but not each.</summary>
    [Fact]
    public void A_save_is_in_force_within_a_quarter_of_a_second()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC, the path of the native launcher that Security/Exec/publish.sh makes");
        using ClawMount claw = new ClawMount().Up();
        using TestFolder work = new();
        using RunningProgram inside = claw.Start("run", "--policy", "coder", "--workspace", work.Path, "--mount", claw.Mount, "--", "bash", "-c", Watcher);
        string file = Path.Combine(claw.Mount, "policy/active/coder.toml");
        string text = File.ReadAllText(file);
        Assert.Contains(Writable, text, StringComparison.Ordinal);
        Assert.True(inside.WaitFor("writable", s_patience), inside.Printed);
        Waiting.Until(() => File.ReadAllText(Path.Combine(claw.Mount, "run/list")), list => list.Contains("\tcoder\t", StringComparison.Ordinal), s_patience);
        List<double> taken = [], given = [];
        for (int i = 0; i < Rounds; i++)
        {
            taken.Add(Delay(text.Replace(Writable, ReadOnly, StringComparison.Ordinal), "refused"));
            given.Add(Delay(text, "writable"));
        }

        File.WriteAllText(work["stop"], "");
        inside.Wait(s_patience).Must();
        output.WriteLine($"taken: {Shown(taken)}; given back: {Shown(given)}");
        Assert.True(taken.Min() <= Limit && given.Min() <= Limit, $"taken: {Shown(taken)}; given back: {Shown(given)}");

        double Delay(string save, string word)
        {
            int before = Told().Length;
            File.WriteAllText(file, save);
            double saved = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
            Waiting.Until(Told, lines => lines.Length > before, s_patience);
            string[] said = Told()[before].Split(' ');
            Assert.Equal(word, said[1]);
            return double.Parse(said[0], CultureInfo.InvariantCulture) - saved;
        }

        string[] Told() => inside.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.EndsWith("able", StringComparison.Ordinal) || line.EndsWith("refused", StringComparison.Ordinal)).ToArray();

        static string Shown(IEnumerable<double> seconds) => string.Join(' ', seconds.Order().Select(value => string.Create(CultureInfo.InvariantCulture, $"{value * 1000:0}"))) + " ms";
    }
}

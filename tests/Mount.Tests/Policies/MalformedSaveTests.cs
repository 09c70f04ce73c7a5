using System.Globalization;
using System.Text;

namespace ClawOS.Mount.Tests.Policies;

/// <summary>Two hundred bad files, made from the shipped ones, each refused through the mount with the line it is about.</summary>
public sealed class MalformedSaveTests(PolicyMount mount, ITestOutputHelper output) : IClassFixture<PolicyMount>
{
    private const int Count = 200;

    [Fact]
    public void Each_is_refused_with_its_line_and_the_old_one_stays()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        Random random = new(seed);
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        string[] shipped = [.. new[] { "coder", "read-only", "researcher", "tool-default" }.Select(name => File.ReadAllText(Path.Combine(mount.Active, name + ".toml")))];
        for (int i = 0; i < Count; i++)
        {
            (byte[] text, int line) = Spoil(shipped[random.Next(shipped.Length)].TrimEnd('\n').Split('\n'), i, random);
            string about = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, file {i}:\n{Encoding.UTF8.GetString(text)}");
            Assert.True(IsRefused(text), about);
            string last = mount.Errors[mount.Errors.LastIndexOf('[' + DateTime.UtcNow.Year.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)..];
            Assert.True(last.Contains($"\nmine.toml:{line}:", StringComparison.Ordinal) && last.Contains('^'), $"line {line}, {about}\n{last}");
        }

        mount.MustBe(PolicyMount.Good, "/usr/lib/**");
    }

    [Fact]
    public void Random_bytes_change_nothing()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        Random random = new(seed);
        File.WriteAllText(mount.Mine, PolicyMount.Good);
        for (int i = 0; i < Count; i++)
        {
            byte[] noise = new byte[random.Next(1, 20_000)];
            random.NextBytes(noise);
            Assert.True(IsRefused(noise), $"seed {seed}, file {i}");
        }

        mount.MustBe(PolicyMount.Good, "/usr/lib/**");
    }

    private bool IsRefused(byte[] text)
    {
        try
        {
            File.WriteAllBytes(mount.Mine, text);
            // The runtime does not report what close(2) says, as bash does not: the content tells.
            return File.ReadAllText(mount.Mine) == PolicyMount.Good;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Puts one bad line before a line that begins a statement.</summary>
    private static (byte[] Text, int Line) Spoil(string[] lines, int kind, Random random)
    {
        int[] places = [.. Enumerable.Range(0, lines.Length).Where(i => lines[i].Length > 0 && (char.IsAsciiLetter(lines[i][0]) || lines[i][0] == '['))];
        int at = places[random.Next(places.Length)];
        string bad = (kind % 8) switch
        {
            0 => $"zz{kind} = \"x\"",
            1 => $"[zz{kind}]",
            2 => "= 1",
            3 => $"zz{kind} = ",
            4 => $"zz{kind} = [\"a\" \"b\"]",
            5 => $"zz{kind} = \"no end",
            6 => $"zz{kind}",
            _ => kind % 16 == 7 ? "x y = 1" : "# \u0001",
        };
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', [.. lines[..at], bad, .. lines[at..]]) + "\n");
        if (kind % 16 == 15)
        {
            // A byte that is no UTF-8 in the place of the control character.
            text[Array.IndexOf(text, (byte)1)] = 0xFF;
        }

        return (text, at + 1);
    }
}

using System.Text;
using ClawOS.Security.Policy;

namespace Policy.Tests.Reading;

/// <summary>Whatever bytes a file holds, it is read or refused at a place that it has.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const string Fragments = "[]{}=\"'.,#\n\r\t\\ */$~?:-_0aZé\u0000\u001b";

    [Fact]
    public void Random_bytes_never_crash_the_parser()
    {
        Random random = new(Seed.For(output));
        for (int i = 0; i < 4000; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Hold(bytes);
        }
    }

    [Fact]
    public void Random_punctuation_never_crashes_the_parser()
    {
        Random random = new(Seed.For(output));
        for (int i = 0; i < 4000; i++)
        {
            Hold(Encoding.UTF8.GetBytes(new string([.. Enumerable.Range(0, random.Next(80)).Select(_ => Fragments[random.Next(Fragments.Length)])])));
        }
    }

    [Fact]
    public void Damaged_policies_never_crash_the_parser()
    {
        Random random = new(Seed.For(output));
        string[] texts = [.. Documents.Shipped(), .. Documents.Examples()];
        for (int i = 0; i < 4000; i++)
        {
            StringBuilder text = new(texts[random.Next(texts.Length)]);
            for (int changes = random.Next(1, 6); changes > 0 && text.Length > 0; changes--)
            {
                int at = random.Next(text.Length);
                switch (random.Next(4))
                {
                    case 0:
                        _ = text.Remove(at, Math.Min(random.Next(1, 30), text.Length - at));
                        break;
                    case 1:
                        _ = text.Insert(at, Fragments[random.Next(Fragments.Length)]);
                        break;
                    case 2:
                        _ = text.Insert(at, text.ToString(random.Next(text.Length / 2), random.Next(text.Length / 2)));
                        break;
                    default:
                        text.Length = at;
                        break;
                }
            }

            Hold(Encoding.UTF8.GetBytes(text.ToString()));
        }
    }

    private static void Hold(byte[] bytes)
    {
        PolicyReading reading = PolicyFile.Parse(bytes, "fuzz.toml");
        Assert.True(reading.File is null == reading.Errors.Count > 0);
        string[] lines = Encoding.UTF8.GetString(bytes.AsSpan(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0)).Split('\n');
        foreach (PolicyError error in reading.Errors)
        {
            Assert.InRange(error.Line, 1, lines.Length);
            Assert.InRange(error.Column, 1, lines[error.Line - 1].Length + 1);
            Assert.NotEmpty(error.Message);
            Assert.DoesNotContain('\u001b', error.ToString());
        }

        if (reading.File is not null)
        {
            _ = PolicySet.Shipped.With([("fuzz.toml", reading)]).Compile("fuzz", new CompileOptions { Layers = Layers.Stock | Layers.AppArmor });
        }
    }
}

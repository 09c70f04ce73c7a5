using System.Text;

namespace ClawOS.Security.Cgroups.Tests;

/// <summary>The parsers meet text that no kernel writes.</summary>
public sealed class GroupTextTests
{
    [Theory]
    [InlineData("0\n", 0)]
    [InlineData("42", 42)]
    [InlineData("9223372036854775807\n", long.MaxValue)]
    [InlineData("18446744073709551615\n", long.MaxValue)]
    public void A_number_is_read(string text, long value) => Assert.Equal(value, GroupText.Number(text));

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("-1\n")]
    [InlineData("+1\n")]
    [InlineData(" 1\n")]
    [InlineData("1 \n")]
    [InlineData("1\n2\n")]
    [InlineData("0x10\n")]
    [InlineData("1e3\n")]
    [InlineData("1,000\n")]
    [InlineData("max\n")]
    [InlineData("18446744073709551616\n")]
    [InlineData("000000000000000000000000001\n")]
    [InlineData("\u0661\n")]
    [InlineData("1\0")]
    public void What_is_no_number_is_refused(string text) => Assert.Throws<FormatException>(() => GroupText.Number(text));

    [Fact]
    public void A_field_is_found_by_its_whole_key()
    {
        const string Text = "oom_kill_disable 7\nxoom_kill 8\noom_kill 3\noom_kill 4\n";
        Assert.Equal(3, GroupText.Field(Text, "oom_kill"));
        Assert.Null(GroupText.Field(Text, "oom"));
        Assert.Null(GroupText.Field("", "oom"));
        Assert.Null(GroupText.Field("oom", "oom"));
        Assert.Throws<FormatException>(() => GroupText.Field("oom \n", "oom"));
        Assert.Throws<FormatException>(() => GroupText.Field("oom 1 2\n", "oom"));
    }

    [Fact]
    public void Process_ids_are_read_and_what_is_none_is_refused()
    {
        Assert.Equal([1, 0, 2147483647], GroupText.Processes("1\n0\n2147483647\n"));
        Assert.Empty(GroupText.Processes(""));
        Assert.Throws<FormatException>(() => GroupText.Processes("2147483648\n"));
        Assert.Throws<FormatException>(() => GroupText.Processes("1\n-2\n"));
        Assert.Throws<FormatException>(() => GroupText.Processes("1 2\n"));
    }

    [Theory]
    [InlineData("some \n")]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00\n")]
    [InlineData("some avg10=NaN avg60=0.00 avg300=0.00 total=0\n")]
    [InlineData("some avg10=-1 avg60=0.00 avg300=0.00 total=0\n")]
    [InlineData("some avg10=1e9 avg60=0.00 avg300=0.00 total=0\n")]
    [InlineData("some avg10=101 avg60=0.00 avg300=0.00 total=0\n")]
    [InlineData("some avg10= avg60=0.00 avg300=0.00 total=0\n")]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=-5\n")]
    public void Pressure_that_makes_no_sense_is_refused(string text) => Assert.Throws<FormatException>(() => GroupText.Pressure(text, "some"));

    [Fact]
    public void The_longest_pressure_fits() =>
        Assert.Equal(TimeSpan.MaxValue.TotalDays, GroupText.Pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551615\n", "some")!.Total.TotalDays, 1.0);

    [Fact]
    public void A_complaint_shows_the_start_of_the_text_and_no_control_characters()
    {
        FormatException problem = Assert.Throws<FormatException>(() => GroupText.Number("\u001b[31m" + new string('x', 1000)));
        Assert.Equal("not understood: \"\\x1b[31m" + new string('x', 55) + "...\"", problem.Message);
    }

    [Fact]
    public void Random_text_is_read_or_refused_and_nothing_else()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"CLAW_SEED={seed}");
        Random random = new(seed);
        string[] words = ["some ", "full ", "avg10=", "avg60=", "avg300=", "total=", "0.00", "max", "oom_kill ", "\n", "\n", " ", "-", "9999999999999999999999", "1", "\0", "\u0661", "/"];
        int refused = 0, read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            StringBuilder text = new();
            for (int n = random.Next(12); n > 0; n--)
                text.Append(random.Next(10) == 0 ? ((char)random.Next(0x100)).ToString() : words[random.Next(words.Length)]);
            foreach (Action<string> parse in (Action<string>[])[static t => GroupText.Number(t), static t => GroupText.Field(t, "oom_kill"), static t => GroupText.Processes(t), static t => GroupText.Pressure(t, "some"), static t => GroupText.Words(t)])
            {
                try
                {
                    parse(text.ToString());
                    read++;
                }
                catch (FormatException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 1000 && read > 1000, $"{refused} refused, {read} read");
    }
}

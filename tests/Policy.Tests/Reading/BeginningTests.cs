using System.Text;
using ClawOS.Security.Policy;

namespace Policy.Tests.Reading;

/// <summary>What may be said of a text that is still being written.</summary>
public sealed class BeginningTests(ITestOutputHelper output)
{
    public static TheoryData<string> Valid =>
    [
        .. PolicySet.ShippedTexts().Select(shipped => Encoding.UTF8.GetString(shipped.Text)),
        "description = \"\"\"\nraed = [\n[[x]\n\"\" \\\"\"\"\"\nsecrets = [\"A\"]\n",
        "description = '''\n'' [ { # no comment\n'''''\n[paths] # a [comment\nread = [ # [\n  '/a',\n\n  \"/b\"\n]\n",
        "[[command]]\narguments = [\n\"[\",\n\"]\"\n]\npath = \"/a\"\n[[host]]\nports = [1]\nname = \"a.b\"\n",
        "limits = { memory = \"1GiB\" }\nhost = [\n{ name = \"a.b\" },\n]\n",
        "secrets = []\r\n[paths]\r\nread = [\r\n\"/a\" ]\r\n",
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void No_beginning_of_a_valid_policy_is_refused(string text)
    {
        Assert.Empty(PolicyFile.Parse(text, "x").Errors);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int end = 0; end <= bytes.Length; end++)
        {
            if (end == 0 || bytes[end - 1] == '\n')
            {
                Assert.Empty(PolicyFile.ParseBeginning(bytes.AsSpan(0, end), "x").Errors);
            }
        }
    }

    [Theory]
    [InlineData("raed = []\n", 1)]
    [InlineData("[paths]\nread = [\"/a\"]\nread = [\"/b\"]\n", 3)]
    [InlineData("secrets = [\n1\n]\n", 2)]
    [InlineData("description = \"no end\nsecrets = []\n", 1)]
    [InlineData("[[host]]\nports = [0]\n", 2)]
    [InlineData("secrets = []\n]\n", 2)]
    [InlineData("[paths]\n[paths]\nread = [\n", 2)]
    public void What_no_further_line_mends_is_refused_at_its_place(string text, int line) =>
        Assert.Equal(line, PolicyFile.ParseBeginning(Encoding.UTF8.GetBytes(text), "x").Errors[0].Line);

    [Theory]
    [InlineData("[[command]]\n")]
    [InlineData("secrets = [\n1,\n")]
    [InlineData("description = \"\"\"\n")]
    [InlineData("raed = [")]
    public void What_may_still_be_mended_is_not_refused(string text) =>
        Assert.Empty(PolicyFile.ParseBeginning(Encoding.UTF8.GetBytes(text), "x").Errors);

    [Fact]
    public void Random_bytes_give_errors_or_none_but_never_an_exception()
    {
        Random random = new(Seed.For(output));
        byte[] letters = "\"'\n[]{}#=\\ a\r.,\0"u8.ToArray();
        for (int i = 0; i < 3000; i++)
        {
            byte[] text = [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(20) == 0 ? (byte)random.Next(256) : letters[random.Next(letters.Length)]), (byte)'\n'];
            PolicyReading whole = PolicyFile.Parse(text, "x");
            PolicyReading begun = PolicyFile.ParseBeginning(text, "x");
            // Whoever is refused while writing would be refused in the end, too.
            Assert.True(begun.Errors.Count == 0 || whole.Errors.Count > 0, Convert.ToHexString(text));
        }
    }
}

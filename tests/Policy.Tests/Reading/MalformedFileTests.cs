namespace Policy.Tests.Reading;

/// <summary>Files that are no TOML, or TOML that is no policy; each is refused where « stands, for the reason that is named.</summary>
public sealed class MalformedFileTests
{
    [Theory]
    [InlineData("«raed = []", "unknown key 'raed'")]
    [InlineData("«Secrets = []", "unknown key 'Secrets'")]
    [InlineData("«\"\" = 1", "unknown key ''")]
    [InlineData("«\"a\\u001bb\" = 1", "unknown key")]
    [InlineData("«read = []", "unknown key 'read'")]
    [InlineData("[«path]\nread = []", "unknown key 'path'")]
    [InlineData("[[«hosts]]\nname = \"a.b\"", "unknown key 'hosts'")]
    [InlineData("[paths]\n\t«extends = \"coder\"", "unknown key 'extends'")]
    [InlineData("[paths]\nread = []\n«raed = []", "unknown key 'raed'")]
    [InlineData("paths.«exec = []", "unknown key 'exec'")]
    [InlineData("[[command]]\npath = \"/a\"\n«args = []", "unknown key 'args'")]
    [InlineData("[[host]]\nname = \"a.b\"\n«port = 1", "unknown key 'port'")]
    [InlineData("limits = { «mem = \"1GiB\" }", "unknown key 'mem'")]
    [InlineData("[syscalls.«profile]\na = 1", "'profile' is a text")]
    [InlineData("[limits]\nmemory = \"1GiB\"\n[limits.«x]", "unknown key 'x'")]
    [InlineData("[syscalls]\n«approve = true", "unknown key 'approve'")]
    [InlineData("[[host]]\nname = \"a.b\"\n«ask = true", "unknown key 'ask'")]
    [InlineData("[limits]\n«on_revoke = \"kill\"", "unknown key 'on_revoke'")]
    public void An_unknown_key_is_refused(string text, string words) => _ = Marked.Refused(text, words);

    [Theory]
    [InlineData("«paths = 1", "'paths' is a table")]
    [InlineData("«paths = []", "'paths' is a table")]
    [InlineData("[[«paths]]\nread = []", "'paths' is a table")]
    [InlineData("«limits = \"none\"", "'limits' is a table")]
    [InlineData("«syscalls = true", "'syscalls' is a table")]
    [InlineData("[«command]\npath = \"/a\"", "'command' stands once a rule")]
    [InlineData("«command = \"/usr/bin/git\"", "'command' stands once a rule")]
    [InlineData("command = [«\"/usr/bin/git\"]", "'command' is a list of tables")]
    [InlineData("«host = { name = \"a.b\" }", "'host' stands once a rule")]
    [InlineData("host = [{ name = \"a.b\" }, «7]", "'host' is a list of tables")]
    [InlineData("[[«command]]", "[[command]] needs the key 'path'")]
    [InlineData("[[command]]\npath = \"/a\"\n[[«command]]\narguments = []", "[[command]] needs the key 'path'")]
    [InlineData("[[«host]]\nports = [1]", "[[host]] needs the key 'name'")]
    [InlineData("[[host]]\nname = \"a.b\"\nports = «[]", "'ports' is empty")]
    [InlineData("[[host]]\nname = \"a.b\"\nmethods = «[]", "'methods' is empty")]
    [InlineData("[[host]]\nname = \"a.b\"\npaths = «[]", "'paths' is empty")]
    [InlineData("[syscalls]\nonly = «[]", "'only' is empty")]
    public void A_table_in_the_wrong_shape_is_refused(string text, string words) => _ = Marked.Refused(text, words);

    [Theory]
    [InlineData("secrets = []\n«secrets = []", "'secrets' is defined already, at line 1")]
    [InlineData("description = \"\"\nextends = \"coder\"\nsecrets = []\n«description = \"\"", "at line 1")]
    [InlineData("[paths]\n[«paths]", "'paths' is defined already, at line 1")]
    [InlineData("[paths]\nread = []\n[limits]\n[«paths]", "'paths' is defined already, at line 1")]
    [InlineData("paths.read = []\n[«paths]", "'paths' is defined already, at line 1")]
    [InlineData("paths = {}\n[«paths]", "'paths' is defined already, at line 1")]
    [InlineData("paths = {}\n«paths.read = []", "'paths' is defined already, at line 1")]
    [InlineData("paths = { read = [], «read = [] }", "'read' is defined already, at line 1")]
    [InlineData("[limits]\nmemory = \"1GiB\"\n«memory = \"2GiB\"", "'memory' is defined already, at line 2")]
    [InlineData("[[host]]\nname = \"a.b\"\n[«host]", "'host' is defined already, at line 1")]
    [InlineData("host = []\n[[«host]]", "'host' is defined already, at line 1")]
    [InlineData("[paths]\nread = [\"/a\",\n  \"/b\",\n  «\"/a\"]", "'/a' is listed already, at line 2")]
    [InlineData("secrets = [\"A\", «\"A\"]", "'A' is listed already")]
    [InlineData("[syscalls]\nonly = [\"read\", «\"read\"]", "'read' is listed already")]
    [InlineData("launch = true\n«launch = false", "'launch' is defined already, at line 1")]
    [InlineData("[[host]]\nname = \"a.b\"\nports = [443, «443]", "'443' is listed already")]
    [InlineData("[[command]]\npath = \"/a\"\narguments = [«\"**\", \"x\"]", "so it is the last one")]
    public void What_is_defined_twice_is_refused_with_both_lines(string text, string words) => _ = Marked.Refused(text, words);

    [Theory]
    [InlineData("a«")]
    [InlineData("a =«")]
    [InlineData("a «b = 1")]
    [InlineData("«= 1")]
    [InlineData("«]")]
    [InlineData("[«]")]
    [InlineData("[paths«")]
    [InlineData("[[host«]")]
    [InlineData("secrets = [\"a\"«")]
    [InlineData("secrets = [\"a\" «\"b\"]")]
    [InlineData("secrets = [«,]")]
    [InlineData("secrets = []«]")]
    [InlineData("secrets = [] «x")]
    [InlineData("paths = { read = []«")]
    [InlineData("secrets = \"a«\n[paths]")]
    [InlineData("secrets = '«")]
    [InlineData("processes = «0x")]
    [InlineData("processes = «99999999999999999999")]
    [InlineData("description = \"\\«")]
    [InlineData("# a control character «\u0001")]
    [InlineData("description = \"\\«q\"")]
    public void What_is_no_TOML_is_refused_where_it_ends_to_be(string text) => _ = Marked.Refused(text, "");

    [Fact]
    public void Tables_that_nest_too_deep_are_refused_at_the_bracket() =>
        _ = Marked.Refused($"secrets = {new string('[', 15)}«{new string('[', 100_000)}", "nest more than 15 deep");

    [Fact]
    public void A_file_that_is_too_long_is_refused() =>
        Assert.Contains("at most 262144 characters", ClawOS.Security.Policy.PolicyFile.Parse(new string('#', 262_145), "a.toml").Errors.Single().Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_text_are_refused_at_their_place()
    {
        var error = ClawOS.Security.Policy.PolicyFile.Parse([.. "# é\nx"u8, 0xC3, (byte)'\n'], "a.toml").Errors.Single();
        Assert.Equal((2, 2, "byte 0xC3 is not UTF-8"), (error.Line, error.Column, error.Message));
    }

    [Fact]
    public void A_byte_order_mark_is_no_mistake() =>
        Assert.Empty(ClawOS.Security.Policy.PolicyFile.Parse([0xEF, 0xBB, 0xBF, .. "secrets = []"u8], "a.toml").Errors);

    [Fact]
    public void Every_fault_of_a_file_is_told_at_once() =>
        Assert.Equal([1, 3, 4], ClawOS.Security.Policy.PolicyFile.Parse("x = 1\n[limits]\ncpu = 1\nmemory = \"1\"", "a.toml").Errors.Select(error => error.Line));
}

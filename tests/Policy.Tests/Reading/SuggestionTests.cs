namespace Policy.Tests.Reading;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("[paths]\n«raed = []", "did you mean 'read'?")]
    [InlineData("[«pathz]", "did you mean 'paths'?")]
    [InlineData("[paths]\n«exceute = []", "did you mean 'execute'?")]
    [InlineData("«memory = \"1GiB\"", "'memory' belongs to [limits]")]
    [InlineData("«methods = []", "'methods' belongs to [[host]]")]
    [InlineData("[limits]\n«quux = 1", "the keys here are cpu, memory, processes, disk, time, tokens, cost")]
    [InlineData("[limits]\nmemory = «\"64MB\"", "did you mean \"64MiB\"?")]
    [InlineData("[limits]\nmemory = «\"64 mib\"", "did you mean \"64MiB\"?")]
    [InlineData("[limits]\nmemory = «\"1g\"", "did you mean \"1GiB\"?")]
    [InlineData("[limits]\ncpu = «\"50\"", "did you mean \"50%\"?")]
    [InlineData("[limits]\ncpu = «50", "write it in quotes: \"50\"")]
    [InlineData("[limits]\ncost = «\"2.50\"", "did you mean \"2.50 USD\"?")]
    [InlineData("[paths]\nread = [«\"/usr/\"]", "write '/usr/**' for the folder with all below it, '/usr' for the folder alone")]
    [InlineData("[paths]\nread = [«\"src\"]", "write '$WORKSPACE/src' or '/src'")]
    [InlineData("[paths]\nread = [«\"$WORKSPCE/a\"]", "did you mean '$WORKSPACE'?")]
    [InlineData("[paths]\nread = «\"/usr\"", "write read = [\"...\"]")]
    [InlineData("[[host]]\nname = «\"https://example.com/x\"", "write \"example.com\"")]
    [InlineData("[[host]]\nname = «\"127.1\"", "write \"127.0.0.1\"")]
    [InlineData("[[host]]\nname = «\"Example.COM.\"", "write \"example.com\"")]
    [InlineData("[[host]]\nname = \"a.b\"\nmethods = [«\"get\"]", "write \"GET\"")]
    [InlineData("[[host]]\nname = \"a.b\"\npaths = [«\"/v1/*\"]", "\"/v1\" stands for /v1 and all that follows behind a slash")]
    [InlineData("extends = «\"codr\"", "did you mean 'coder'?")]
    [InlineData("on_revoke = «\"kil\"", "did you mean 'kill'?")]
    [InlineData("launch = «\"true\"", "write it without quotes: true")]
    [InlineData("[[command]]\npath = \"/a\"\n«aprove = true", "did you mean 'approve'?")]
    [InlineData("[syscalls]\nask = [«\"execve\"]", "leave it out, or forbid it with 'only'")]
    public void An_error_says_what_was_probably_meant(string text, string suggestion) => Assert.Equal(suggestion, Marked.Refused(text, "").Suggestion);
}

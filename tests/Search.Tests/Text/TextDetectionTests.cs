using ClawFS.Search.Text;

namespace ClawFS.Search.Tests.Text;

public sealed class TextDetectionTests
{
    [Theory]
    [InlineData("README.md", "# Hi", TextKind.Markdown)]
    [InlineData("notes", "plain words", TextKind.Plain)]
    [InlineData("NOTES.TXT", "plain words", TextKind.Plain)]
    [InlineData("a.cs", "class A;", TextKind.Code)]
    [InlineData("run", "#!/bin/sh\n", TextKind.Code)]
    [InlineData("a.json", "{}", TextKind.Json)]
    [InlineData("a.csv", "a,b", TextKind.Csv)]
    [InlineData("page", "\uFEFF <!DOCTYPE html><p>x", TextKind.Html)]
    [InlineData("empty", "", TextKind.Plain)]
    [InlineData("umlaut", "\u00e4\u00f6", TextKind.Plain)]
    internal void Text_is_known_by_name_and_start(string name, string head, TextKind expected) =>
        Assert.Equal((expected, ""), TextDetection.Detect(name, System.Text.Encoding.UTF8.GetBytes(head)));

    [Theory]
    [InlineData("manual.txt", "255044462D312E35", "pdf")]
    [InlineData("a.md", "61620063", "binary")]
    [InlineData("a.txt", "FFFE6100", "utf-16")]
    [InlineData("a.docx", "504B030414", "archive")]
    [InlineData("a.txt", "0102030405060708616263", "binary")]
    internal void What_is_no_text_is_refused_with_the_reason(string name, string head, string reason) =>
        Assert.Equal((TextKind.None, reason), TextDetection.Detect(name, Convert.FromHexString(head)));

    [Fact]
    public void Invalid_utf8_is_text_all_the_same() =>
        Assert.Equal((TextKind.Plain, ""), TextDetection.Detect("latin1.txt", [0x63, 0x61, 0x66, 0xE9, 0x0A]));
}

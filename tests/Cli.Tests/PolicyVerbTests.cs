using System.Text.Json.Nodes;
using ClawOS.Cli;
using ClawOS.Mounting;

namespace Cli.Tests;

public sealed class PolicyVerbTests
{
    [Fact]
    public async Task A_policy_that_is_refused_is_shown_with_place_and_caret_and_exit_code_1()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["mine.toml"], "extends = \"coder\"\n[paths]\nraed = []\n");
        (int code, string output, string error) = await Typed.RunAsync(["policy", "check", folder["mine.toml"]]);
        Assert.Equal((ExitCodes.Failed, ""), (code, error));
        Assert.Equal($"mine: refused\n{folder["mine.toml"]}:3:1: unknown key 'raed'\n  3 | raed = []\n    | ^^^^\n    = did you mean 'read'?\n", output);
    }

    [Fact]
    public async Task A_folder_s_policies_are_checked_with_their_parents()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["a.toml"], "extends = \"b\"\nsecrets = [\"X\"]\n");
        File.WriteAllText(folder["b.toml"], "secrets = [\"Y\"]\n");
        (int code, string output, _) = await Typed.RunAsync(["policy", "check", folder.Path, "--json"]);
        Assert.Equal(ExitCodes.Failed, code);
        JsonArray checks = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(["a 1", "b 0"], checks.Select(check => $"{check!["name"]} {check["errors"]!.AsArray().Count}"));
        JsonNode error = checks[0]!["errors"]![0]!;
        Assert.Equal((2, 12, 3), ((int)error["line"]!, (int)error["column"]!, (int)error["length"]!));
        Assert.Contains("b.toml:1", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shipped_policies_are_found_by_name()
    {
        (int code, string output, _) = await Typed.RunAsync(["policy", "check", "coder", "read-only", "researcher", "tool-default"]);
        Assert.Equal((0, "coder: ok\nread-only: ok\nresearcher: ok\ntool-default: ok\n"), (code, output));
    }

    [Theory]
    [InlineData("check nobody", ExitCodes.NotFound, "nobody: no such policy")]
    [InlineData("compile /nonexistent/x.toml", ExitCodes.NotFound, "/nonexistent/x.toml: no such file")]
    [InlineData("explain coder dance", ExitCodes.Usage, "'dance' is no question")]
    [InlineData("compile coder --workspace /", ExitCodes.Usage, "a workspace is an absolute path")]
    public async Task What_cannot_be_answered_is_one_line(string typed, int code, string words)
    {
        (int got, string output, string error) = await Typed.RunAsync(["policy", .. typed.Split(' ')]);
        Assert.Equal((code, ""), (got, output));
        Assert.Matches(@"^claw: [^\n]+\n$", error);
        Assert.Contains(words, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Questions_are_answered_one_a_line()
    {
        (int code, string output, _) = await Typed.RunAsync(["policy", "explain", "coder", "open-read /etc/shadow", "exec /usr/bin/git commit -m 'a b'", "--workspace", "/usr"]);
        Assert.Equal(0, code);
        Assert.Equal(["denied by view+landlock: no rule allows read", "allowed by view+landlock, coder.toml:"], output.Split('\n').SkipLast(1).Select(line => line[..Math.Min(line.Length, line.Contains("coder.toml:", StringComparison.Ordinal) ? 37 : 99)]));
        (_, string json, _) = await Typed.RunAsync(["policy", "explain", "coder", "syscall bpf", "--json"]);
        JsonNode answer = JsonNode.Parse(json)![0]!;
        Assert.Equal(("profile", "seccomp"), ((string)answer["verdict"]!, (string)answer["layers"]![0]!));
    }

    [Fact]
    public async Task The_difference_of_two_policies_is_told_by_rules()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["mine.toml"], "extends = \"coder\"\n[paths]\nwrite = [\"$WORKSPACE/src/**\"]\n[limits]\nmemory = \"1GiB\"\n");
        (int code, string output, _) = await Typed.RunAsync(["policy", "diff", "coder", folder["mine.toml"]]);
        Assert.Equal(0, code);
        Assert.Equal(
            ["+ memory 1GiB", "- memory 4GiB", "- write /$WORKSPACE/**", "+ write /$WORKSPACE/src/**", "- write /dev/full", "- write /dev/null", "- write /dev/zero"],
            output.Split('\n').SkipLast(1));
    }

    [Fact]
    public async Task A_compiled_policy_names_the_workspace_the_layer_and_the_line()
    {
        using TestFolder folder = new();
        (int code, string output, _) = await Typed.RunAsync(["policy", "compile", "coder", "--workspace", folder.Path]);
        Assert.Equal(0, code);
        Assert.Matches($@"\nwrite +{System.Text.RegularExpressions.Regex.Escape(folder.Path)}/\*\* +view\+landlock +coder.toml:\d+\n", output);
        (_, string json, _) = await Typed.RunAsync(["policy", "compile", "coder", "--json"]);
        Assert.Contains(JsonNode.Parse(json)!.AsArray(), line => (string)line!["what"]! == "memory" && (string)line["rule"]! == "4GiB" && (string)line["layers"]![0]! == "cgroup");
    }
}

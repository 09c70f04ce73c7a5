using System.CommandLine;
using ClawOS.Cli;
using ClawOS.Mounting;

namespace Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Verbs => [.. Walk(CommandLine.Build()).Where(path => path.Length > 0)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_s_help_ends_with_an_example_of_itself(string path)
    {
        (int code, string output, _) = await Typed.RunAsync([.. path.Split(' '), "--help"]);
        Assert.Equal(0, code);
        Assert.Matches("Examples?:\n", output);
        Assert.Contains($"claw {path}", output.Split("Example")[1], StringComparison.Ordinal);
    }

    /// <summary>Of the verbs that need neither a mount nor a store; the others begin with the mount that `claw up` makes.</summary>
    [Theory]
    [InlineData("policy")]
    [InlineData("policy check")]
    [InlineData("policy show")]
    [InlineData("policy explain")]
    [InlineData("policy diff")]
    [InlineData("policy compile")]
    [InlineData("policy refine")]
    [InlineData("install")]
    [InlineData("completion")]
    public async Task The_first_example_works_when_it_is_pasted(string path)
    {
        (_, string output, _) = await Typed.RunAsync([.. path.Split(' '), "--help"]);
        string example = output.Split("Example")[1].Split('\n')[1].Trim();
        using TestFolder folder = new();
        Directory.CreateDirectory(folder["home"]);
        ProgramOptions options = new()
        {
            Folder = folder["home"],
            Environment = new Dictionary<string, string?> { ["CLAW_STATE"] = folder["state"], ["HOME"] = folder["home"], ["NO_COLOR"] = "1" },
        };
        ProgramResult result = Programs.Run(options, "bash", "-c", $"claw() {{ {string.Join(' ', Repository.ClawCommand().Select(word => $"'{word}'"))} \"$@\"; }}\n{example}");
        Assert.True(result.ExitCode == 0, $"{example}\n{result}");
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_option_and_argument_is_described(string path)
    {
        Command command = Find(path);
        Assert.DoesNotContain(command.Options, option => string.IsNullOrWhiteSpace(option.Description));
        Assert.DoesNotContain(command.Arguments, argument => string.IsNullOrWhiteSpace(argument.Description));
    }

    [Fact]
    public async Task The_help_lists_every_exit_code()
    {
        (_, string output, _) = await Typed.RunAsync(["--help"]);
        Assert.All(ExitCodes.All, code => Assert.Matches($@"\n  {code.Code} +{System.Text.RegularExpressions.Regex.Escape(code.Meaning)}", output));
    }

    [Fact]
    public void The_verbs_are_those_of_the_documents() =>
        Assert.Equal(
            ["up", "down", "status", "search", "index", "init", "mount", "fsck", "backup", "restore", "fs", "key", "lock", "unlock", "destroy", "policy", "run", "approve", "doctor", "install", "completion"],
            CommandLine.Build().Subcommands.Select(command => command.Name));

    [Theory]
    [InlineData("dance")]
    [InlineData("up --dance")]
    [InlineData("key dance")]
    [InlineData("completion tcsh")]
    [InlineData("key remove two")]
    [InlineData("approve --deny")]
    [InlineData("approve k3vq7xza --list")]
    [InlineData("approve k3vq7xza --json")]
    public async Task Wrong_usage_is_one_line_and_exit_code_2(string typed)
    {
        (int code, string output, string error) = await Typed.RunAsync(typed.Split(' '));
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Equal("", output);
        Assert.Matches(@"^claw[^\n]*: [^\n]*--help\n$", error);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_scripts_ask_the_program_itself(string shell)
    {
        (int code, string output, _) = await Typed.RunAsync(["completion", shell]);
        Assert.Equal(0, code);
        Assert.Contains("[suggest:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_completes_the_program_as_it_was_typed_and_keeps_to_the_word_s_beginning()
    {
        (_, string script, _) = await Typed.RunAsync(["completion", "bash"]);
        using TestFolder folder = new();
        File.WriteAllText(folder["claw"], "#!/bin/sh\necho status\necho destroy\n");
        File.WriteAllText(folder["script"], script + "\nCOMP_LINE='./claw st' COMP_POINT=9 COMP_WORDS=(./claw st) COMP_CWORD=1\n_claw\necho \"${COMPREPLY[*]}\"\n");
        Assert.Equal("status\n", Programs.Shell(folder.Path, "chmod +x claw; bash script"));
    }

    [Fact]
    public async Task The_program_suggests_its_verbs()
    {
        (_, string output, _) = await Typed.RunAsync(["[suggest:6]", "claw d"]);
        Assert.Contains("doctor", output, StringComparison.Ordinal);
        Assert.Contains("down", output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Walk(Command command, string prefix = "") =>
        [prefix, .. command.Subcommands.SelectMany(child => Walk(child, $"{prefix} {child.Name}".Trim()))];

    private static Command Find(string path) =>
        path.Split(' ').Aggregate((Command)CommandLine.Build(), (command, name) => command.Subcommands.Single(child => child.Name == name));
}

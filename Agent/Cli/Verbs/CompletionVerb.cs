using System.CommandLine;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw completion: prints what a shell must load to complete verbs and options.</summary>
internal static class CompletionVerb
{
    // The program itself knows what fits: "claw [suggest:POSITION] LINE" prints a candidate a line, matched anywhere in the word.
    // It is asked as it was typed, since ./claw need not be in PATH.
    private const string Bash = """
        _claw() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -F _claw claw ./claw
        """;

    private const string Zsh = """
        _claw() {
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            if [[ -n "$found" ]]; then compadd -- "${found[@]}"; else _files; fi
        }
        compdef _claw claw ./claw
        """;

    private const string Fish = """
        complete -c claw -a '(claw "[suggest:"(string length (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    internal static Command Build()
    {
        Verb verb = new(
            "completion",
            "Print the completion script of a shell.",
            "source <(claw completion bash)",
            "claw completion fish > ~/.config/fish/completions/claw.fish");
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        verb.Add(shell);
        verb.SetAction(parsed =>
        {
            Out.Line(parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCodes.Ok;
        });
        return verb;
    }
}

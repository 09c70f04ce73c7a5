using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ClawOS.Cli.Verbs;

namespace ClawOS.Cli;

/// <summary>The verbs, their help, and how a verb's end becomes an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Every verb that help shows, in the order in which it shows them.</summary>
    internal static RootCommand Build()
    {
        RootCommand root = new("ClawOS: /claw is an encrypted file system that every file tool works on.")
        {
            UpVerb.Build(),
            DownVerb.Build(),
            StatusVerb.Build(),
            SearchVerb.Build(),
            IndexVerb.Build(),
            InitVerb.Build(),
            MountVerb.Build(),
            FsckVerb.Build(),
            BackupVerb.Build(),
            RestoreVerb.Build(),
            FsVerb.Build(),
            KeyVerb.Build(),
            LockVerb.Build(),
            UnlockVerb.Build(),
            DestroyVerb.Build(),
            PolicyVerb.Build(),
            RunVerb.Build(),
            ApproveVerb.Build(),
            DoctorVerb.Build(),
            InstallVerb.Build(),
            CompletionVerb.Build(),
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }

    /// <summary>Runs what the user typed.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        RootCommand root = Build();
        ParseResult parsed = root.Parse(arguments.Length == 0 ? ["--help"] : arguments);
        if (FindMistake(parsed) is { } reason)
        {
            string path = CommandPath(parsed.CommandResult.Command);
            Console.Error.WriteLine($"{path}: {reason}; see {path} --help");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (Errors.Explain(error) is { } explained)
        {
            Console.Error.WriteLine($"claw: {explained.Line}");
            return explained.Code;
        }
    }

    /// <summary>What is wrong with the line, or null. The library takes an unknown option for an argument: `up --dance` would mount there.</summary>
    private static string? FindMistake(ParseResult parsed)
    {
        bool failed = parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction;
        // Behind -- stands another program's command line (claw run).
        string? unknown = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).FirstOrDefault(token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))?.Value
            ?? (failed ? parsed.UnmatchedTokens.FirstOrDefault() : null);
        return unknown is not null ? $"no verb or option '{unknown}'" : failed ? OneLine(parsed.Errors[0].Message) : null;
    }

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[])['\n', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    /// <summary>"claw fs ls" for the command ls.</summary>
    private static string CommandPath(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{CommandPath(parent)} {command.Name}" : "claw";

    /// <summary>The library's help, then the examples of the verb, and for the root the exit codes.</summary>
    private sealed class HelpWithExamples(HelpAction library) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            _ = library.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            switch (parseResult.CommandResult.Command)
            {
                case RootCommand:
                    WriteExamples(output, ["claw up ~/claw", "claw status", "claw down"]);
                    output.WriteLine("Exit codes:");
                    foreach ((int code, string meaning) in ExitCodes.All)
                    {
                        output.WriteLine($"  {code,-4} {meaning}");
                    }

                    break;
                case Verb verb:
                    WriteExamples(output, verb.Examples);
                    break;
                default:
                    break;
            }

            return ExitCodes.Ok;
        }

        private static void WriteExamples(TextWriter output, IReadOnlyList<string> examples)
        {
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (string example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }
    }
}

using Spectre.Console;

namespace ClawOS.Cli.Terminal;

/// <summary>What claw prints: answers on standard output, progress and warnings on standard error, plain when they are no terminals.</summary>
internal static class Out
{
    private static readonly IAnsiConsole Notes = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
        Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
    });

    /// <summary>A line of the answer.</summary>
    internal static void Line(string text = "") => Console.Out.WriteLine(text);

    /// <summary>A warning: the verb goes on.</summary>
    internal static void Warn(string text) => Console.Error.WriteLine($"claw: {text}");

    /// <summary>A table: with lines on a terminal, in plain columns for a pipe.</summary>
    internal static void Table(string[] heads, IEnumerable<string[]> rows)
    {
        if (Console.IsOutputRedirected)
        {
            WriteColumns([heads, .. rows]);
            return;
        }

        Table table = new Table().Border(TableBorder.Simple);
        foreach (string head in heads)
        {
            table.AddColumn(new TableColumn(Markup.Escape(head)));
        }

        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
    }

    private static void WriteColumns(string[][] lines)
    {
        int[] widths = [.. lines[0].Select((_, column) => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
        {
            Line(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>Runs long work with its steps shown: a spinner on a terminal, a line a step in a log.</summary>
    internal static async Task<T> WithProgressAsync<T>(string title, Func<Action<string>, Task<T>> work)
    {
        if (Console.IsErrorRedirected || !Notes.Profile.Capabilities.Interactive)
        {
            string last = "";
            return await work(step =>
            {
                if (step != last)
                {
                    Console.Error.WriteLine($"claw: {step}");
                    last = step;
                }
            });
        }

        T result = default!;
        await Notes.Status().StartAsync(Markup.Escape(title), async context =>
            result = await work(step => context.Status(Markup.Escape(step))));
        return result;
    }
}

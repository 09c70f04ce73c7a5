using System.Text;

namespace ClawOS.Cli.Terminal;

/// <summary>Questions on the terminal. Without one a secret is read as a line from standard input.</summary>
internal static class Prompt
{
    /// <summary>Asks for a secret without showing what is typed.</summary>
    /// <param name="question">Without a colon.</param>
    /// <param name="instead">The option that spares the question, for the error.</param>
    /// <exception cref="CliException">Nothing was typed.</exception>
    internal static string Secret(string question, string instead)
    {
        string? secret;
        if (Console.IsInputRedirected)
        {
            secret = Console.In.ReadLine();
        }
        else
        {
            Console.Error.Write($"{question}: ");
            secret = ReadHidden();
            Console.Error.WriteLine();
        }

        return string.IsNullOrEmpty(secret)
            ? throw new CliException(ExitCodes.Usage, $"{question.ToLowerInvariant()}: nothing was typed; {instead} takes it from elsewhere")
            : secret;
    }

    /// <summary>Asks for a word that confirms something that cannot be undone.</summary>
    /// <param name="question">What happens.</param>
    /// <param name="word">The word to type.</param>
    /// <returns>Whether it was typed.</returns>
    internal static bool Confirm(string question, string word)
    {
        Console.Error.Write($"{question} Type {word} to go on: ");
        return Console.In.ReadLine()?.Trim() == word;
    }

    private static string ReadHidden()
    {
        StringBuilder typed = new();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    return typed.ToString();
                case ConsoleKey.Backspace:
                    typed.Length = Math.Max(0, typed.Length - 1);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        typed.Append(key.KeyChar);
                    }

                    break;
            }
        }
    }
}

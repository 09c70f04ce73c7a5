using System.Globalization;
using System.Text;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Questions;

/// <summary>Reads questions: "open-read /etc/shadow", "exec /usr/bin/git commit -m 'two words'", "connect host:443 GET /x".</summary>
internal static class QuestionReader
{
    private const string Forms = "open-read PATH, open-write PATH, exec PATH [ARGUMENT...], connect HOST:PORT [METHOD PATH], secret NAME, syscall NAME";

    /// <exception cref="FormatException">It is none.</exception>
    internal static Question Read(string text)
    {
        string line = text.Trim();
        int end = line.IndexOf(' ');
        string verb = end < 0 ? line : line[..end];
        string rest = end < 0 ? "" : line[end..].Trim();
        return verb switch
        {
            "open-read" => new PathQuestion(PathOf(rest), PathAccess.Read),
            "open-write" => new PathQuestion(PathOf(rest), PathAccess.Write),
            "exec" => CommandOf(Words(rest)),
            "connect" => ConnectionOf(Words(rest)),
            "secret" => new SecretQuestion(Sound(rest, Values.Words.SecretName)),
            "syscall" => new SyscallQuestion(Sound(rest, Values.Words.SyscallName)),
            _ => throw new FormatException($"'{verb}' is no question; ask {Forms}{(Similar.Suggest(verb, ["open-read", "open-write", "exec", "connect", "secret", "syscall"]) is { Length: > 0 } suggestion ? $"; {suggestion}" : "")}"),
        };
    }

    /// <summary>A path may hold any character, so the rest of the line is one.</summary>
    private static string PathOf(string text)
    {
        bool isResolved = text.StartsWith('/') && (text == "/" || !text.EndsWith('/')) && !text.Split('/').Skip(1).Any(segment => segment is "." or ".." || (segment.Length == 0 && text != "/"));
        return isResolved ? text : throw new FormatException($"'{text}': ask about the path that the kernel resolves to: absolute, without '.', '..', '//' and a slash at its end");
    }

    private static CommandQuestion CommandOf(List<string> words) =>
        words.Count > 0 ? new CommandQuestion(PathOf(words[0]), words[1..]) : throw new FormatException("exec what? ask exec PATH [ARGUMENT...]");

    private static ConnectionQuestion ConnectionOf(List<string> words)
    {
        string target = words.FirstOrDefault("");
        int colon = target.LastIndexOf(':');
        if (words.Count is not (1 or 3) || colon < 1 || !int.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65_535)
        {
            throw new FormatException("ask connect HOST:PORT, or connect HOST:PORT METHOD PATH");
        }

        string host = target[..colon].TrimStart('[').TrimEnd(']').ToLowerInvariant().TrimEnd('.');
        if (host.StartsWith('*'))
        {
            throw new FormatException($"'{host}': ask about one host");
        }

        return words.Count == 1
            ? new ConnectionQuestion(Sound(host, HostName.Check), port, null, null)
            : new ConnectionQuestion(Sound(host, HostName.Check), port, Sound(words[1].ToUpperInvariant(), Values.Words.Method), Sound(words[2].Split('?')[0], UrlPath));
    }

    /// <summary>As in a rule, but a slash at the end is a path of its own.</summary>
    private static Fault? UrlPath(string text) => Values.Words.UrlPath(text.Length > 1 && text.EndsWith('/') ? text[..^1] : text);

    private static string Sound(string text, Func<string, Fault?> check) =>
        check(text) is { } fault ? throw new FormatException($"'{text}': {fault.Message}") : text;

    /// <summary>Words between spaces; single and double quotes hold one together, and a backslash means itself.</summary>
    private static List<string> Words(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        char quote = '\0';
        bool isOpen = false;
        foreach (char character in text)
        {
            if (quote != '\0')
            {
                (quote, _) = character == quote ? ('\0', word) : (quote, word.Append(character));
            }
            else if (character is '\'' or '"')
            {
                quote = character;
                isOpen = true;
            }
            else if (character != ' ')
            {
                _ = word.Append(character);
                isOpen = true;
            }
            else if (isOpen)
            {
                words.Add(word.ToString());
                _ = word.Clear();
                isOpen = false;
            }
        }

        if (quote != '\0')
        {
            throw new FormatException($"a quote {quote} is not closed");
        }

        return isOpen ? [.. words, word.ToString()] : words;
    }
}

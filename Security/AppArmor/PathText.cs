using System.Text;
using ClawOS.Security.Policy;

namespace ClawOS.Security.AppArmor;

/// <summary>
/// Paths of policies as apparmor.d(5) writes them. There a folder's name ends with a slash and a file's does not, and "**" behind the last slash is at least one
/// character; so one path of a policy is several of a profile.
/// </summary>
internal static class PathText
{
    /// <summary>Characters that mean something in a pattern or in quotes; a backslash before them takes that away.</summary>
    private const string Special = "[]{}^,\"\\*";

    /// <summary>The quoted patterns that together match what the rule matches.</summary>
    /// <param name="rule">About an absolute path.</param>
    /// <exception cref="ArgumentException">The path has a character that no profile can hold.</exception>
    internal static IEnumerable<string> Of(PathRule rule)
    {
        if (!rule.Path.StartsWith('/') || rule.Path.Any(char.IsControl))
        {
            throw new ArgumentException($"{rule.Path}: no absolute path, or with control characters", nameof(rule));
        }

        return rule.IsGlob ? Glob(rule)
            : rule.Path == "/" ? (rule.IsTree ? ["\"/\"", "\"/**\""] : ["\"/\""])
            : [$"\"{Literal(rule.Path)}{(rule.IsTree ? "{,/,/**}" : "{,/}")}\""];
    }

    /// <summary>
    /// The quoted pattern of files, no folders, that a rule lets be read because it lets them be executed: other layers cannot tell the two apart, and a library is opened before it is mapped.
    /// Null where the rule gives none: patterns do not, and what may be read is written as that.
    /// </summary>
    /// <param name="rule">One that <see cref="Of"/> takes.</param>
    internal static string? FilesReadToStart(PathRule rule) =>
        rule.IsDenied || rule.IsGlob || !rule.Access.HasFlag(PathAccess.Execute) || rule.Access.HasFlag(PathAccess.Read) ? null
        : rule.Path == "/" ? (rule.IsTree ? "\"/**[^/]\"" : null)
        : $"\"{Literal(rule.Path)}{(rule.IsTree ? "{,/**[^/]}" : "")}\"";

    /// <summary>A pattern as it stands, and once more for folders; one that ends with "**" matches their slash as it is.</summary>
    private static IEnumerable<string> Glob(PathRule rule)
    {
        string pattern = string.Concat(rule.Path.Select(character => character switch
        {
            '*' => "*",
            '?' => rule.IsDenied ? $"{{{AnyByte},{Longer},{BeyondPlane0}}}" : $"{{{Ascii},{Longer}}}",
            _ => Literal(character),
        }));
        yield return $"\"{pattern}\"";
        if (!rule.Path.EndsWith("**", StringComparison.Ordinal))
        {
            yield return $"\"{pattern}/\"";
        }
    }

    /// <summary>A profile counts bytes, a policy characters. Not any byte, or "??" would match a character of two.</summary>
    private const string Ascii = @"[\001-\056\060-\177]", Longer = @"[\302-\337][\200-\277],[\340-\357][\200-\277][\200-\277]";

    /// <summary>What is denied is denied in names that are not UTF-8 too.</summary>
    private const string AnyByte = "?";

    /// <summary>Four bytes, which policies count as two characters: denied by "?" too, allowed by none.</summary>
    private const string BeyondPlane0 = @"[\360-\364][\200-\277][\200-\277][\200-\277]";

    private static string Literal(string text) => string.Concat(text.Select(Literal));

    private static string Literal(char character) =>
        character == '?' ? "[?]" // A backslash does not help: the parser drops it, and the mark then means "perhaps".
        : Special.Contains(character, StringComparison.Ordinal) ? $"\\{character}"
        : character.ToString();
}

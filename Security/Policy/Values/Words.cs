using System.Globalization;
using System.Text.RegularExpressions;

namespace ClawOS.Security.Policy.Values;

/// <summary>Checks of the plain texts and numbers in a policy.</summary>
internal static partial class Words
{
    /// <summary>Values of keys that take one of two.</summary>
    internal const string True = "true", Keep = "keep", Kill = "kill";

    // sendmsg hands the listener over, by which the answer comes.
    private static readonly string[] Unasked = ["execve", "exit", "exit_group", "restart_syscall", "rt_sigreturn", "sendmsg"];
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    internal static Fault? Description(string text) =>
        text.Length > 1000 ? new Fault("a description has at most 1,000 characters")
        : text.Any(character => char.IsControl(character) && character is not '\n') ? new Fault("a description has no control characters")
        : null;

    internal static Fault? PolicyName(string text) => LowerName().IsMatch(text) ? null
        : new Fault("a name has small letters, digits and '-', at most 64, and begins with a letter or digit", text.EndsWith(".toml", StringComparison.Ordinal) ? "write the name without .toml" : "");

    internal static Fault? SecretName(string text) => SecretPattern().IsMatch(text) ? null
        : new Fault("the name of a secret has letters, digits, '_', '.' and '-', at most 128, and begins with a letter, digit or '_'");

    internal static Fault? SyscallName(string text) => SyscallPattern().IsMatch(text) ? null
        : new Fault("the name of a system call has small letters, digits and '_', at most 64", Similarly(text, SyscallPattern()));

    /// <summary>A call that can be made to wait for an answer: not one that a start, an end or the way to the answer needs.</summary>
    internal static Fault? AskedSyscall(string text) => SyscallName(text)
        ?? (Unasked.Contains(text) ? new Fault($"'{text}' cannot wait for an answer: no process starts, ends or is watched without it", "leave it out, or forbid it with 'only'") : null);

    internal static Fault? Truth(string text) => text is True or "false" ? null : new Fault("this is true or false");

    internal static Fault? OnRevoke(string text) => text is Keep or Kill ? null : new Fault($"this is \"{Keep}\" or \"{Kill}\"", Similar.Suggest(text, [Keep, Kill]));

    internal static Fault? Argument(string text) =>
        text.Any(char.IsControl) ? new Fault("a pattern of an argument has no control characters", "? stands for any one character")
        : text.Length > 4096 ? new Fault("a pattern of an argument has at most 4,096 characters")
        : null;

    internal static Fault? Method(string text) => Methods.Contains(text) ? null
        : new Fault($"a method is one of {string.Join(", ", Methods)}", Methods.Contains(text.ToUpperInvariant()) ? $"write \"{text.ToUpperInvariant()}\"" : "");

    internal static Fault? Port(string text) => InRange(text, 1, 65_535) ? null : new Fault("a port is 1 to 65535");

    internal static Fault? ProcessCount(string text) => InRange(text, 1, 4_194_304) ? null : new Fault("the number of processes is 1 to 4194304");

    internal static Fault? TokenCount(string text) => InRange(text, 0, 1_000_000_000_000) ? null : new Fault("the number of tokens is 0 to 1000000000000");

    /// <summary>A beginning of paths in URLs, in the one form that egress compares: no escapes, no dot segments.</summary>
    internal static Fault? UrlPath(string text) =>
        !text.StartsWith('/') ? new Fault("the path of a URL begins with '/'", UrlPathPattern().IsMatch("/" + text) ? $"write \"/{text}\"" : "")
        : text.Contains('*') ? new Fault("the path of a URL is a beginning, not a pattern", "\"/v1\" stands for /v1 and all that follows behind a slash")
        : text.Length > 1 && text.EndsWith('/') ? new Fault("the path of a URL does not end with a slash", $"\"{text.TrimEnd('/')}\" stands for itself and all that follows behind a slash")
        : text != "/" && !UrlPathPattern().IsMatch(text) ? new Fault("the path of a URL has letters, digits and -._~!$&'()+,;=:@ between slashes, and no escapes")
        : text.Split('/').Any(segment => segment is "." or "..") ? new Fault("the path of a URL has no '.' and '..'")
        : null;

    private static bool InRange(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most;

    private static string Similarly(string text, Regex form) =>
        form.IsMatch(text.ToLowerInvariant()) ? $"write \"{text.ToLowerInvariant()}\"" : "";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex LowerName();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex SecretPattern();

    [GeneratedRegex(@"^[a-z_][a-z0-9_]{0,63}\z")]
    private static partial Regex SyscallPattern();

    [GeneratedRegex(@"^(/[A-Za-z0-9._~!$&'()+,;=:@-]+)+\z")]
    private static partial Regex UrlPathPattern();
}

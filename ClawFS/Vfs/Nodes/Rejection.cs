using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>Why written content is refused.</summary>
/// <param name="Reason">One sentence for the person who wrote it.</param>
/// <param name="Column">Byte of the line at which it goes wrong, 0 = the first; where the caret stands in the error log.</param>
/// <param name="Error">What write(2) or close(2) returns.</param>
/// <param name="IsSecret">Whether what was written may hold a secret: the error log then shows the reason alone.</param>
public sealed record Rejection(string Reason, int Column = 0, Errno Error = Errno.EINVAL, bool IsSecret = false)
{
    /// <summary>Lines that the error log shows in the place of what was written, without control characters but line feeds and tabs; null: it shows the line and a caret.</summary>
    public string? Shown { get; init; }
}

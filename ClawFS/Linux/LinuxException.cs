using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>A Linux call that failed: what was tried, on what, and the error number.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>Makes the exception; the message reads "open /x: no space left on device (ENOSPC)".</summary>
    /// <param name="error">The error number.</param>
    /// <param name="action">What was tried and on what, for example "open /x".</param>
    public LinuxException(Errno error, string action)
        : base($"{action}: {Describe(error)} ({error})")
    {
        Error = error;
    }

    /// <summary>The error number.</summary>
    public Errno Error { get; }

    /// <summary>The errno of the last failed call on this thread, as the marshaller saved it.</summary>
    public static Errno Last => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>The exception for the last failed call on this thread.</summary>
    public static LinuxException FromLast(string action) => new(Last, action);

    private static string Describe(Errno error)
    {
        string text = Marshal.GetPInvokeErrorMessage((int)error);
        return text.Length == 0 ? "error" : char.ToLowerInvariant(text[0]) + text[1..];
    }
}

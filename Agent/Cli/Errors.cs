using System.Text.Json;
using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store;

namespace ClawOS.Cli;

/// <summary>Turns what went wrong into one line and an exit code; a bug keeps its stack trace.</summary>
internal static class Errors
{
    /// <summary>The line and the code of an exception; null for one that nobody foresaw.</summary>
    internal static (int Code, string Line)? Explain(Exception error) => error switch
    {
        CliException cli => (cli.ExitCode, cli.Message),
        KeyException key => (CodeOf(key.Code), key.Message),
        StoreException store => (CodeOf(store.Error), store.Message),
        OperationCanceledException => (ExitCodes.Interrupted, "interrupted"),
        LinuxException { Error: Errno.ENOENT or Errno.ENOTDIR } linux => (ExitCodes.NotFound, linux.Message),
        FileNotFoundException or DirectoryNotFoundException => (ExitCodes.NotFound, error.Message),
        IOException or UnauthorizedAccessException or TimeoutException or JsonException => (ExitCodes.Failed, error.Message),
        _ => null,
    };

    private static int CodeOf(Errno error) => error switch
    {
        Errno.EBUSY => ExitCodes.InUse,
        Errno.EIO => ExitCodes.Damaged,
        Errno.EOPNOTSUPP => ExitCodes.TooNew,
        Errno.ENOENT => ExitCodes.NotFound,
        _ => ExitCodes.Failed,
    };

    private static int CodeOf(KeyError code) => code switch
    {
        KeyError.WrongKey or KeyError.Missing or KeyError.Mistyped => ExitCodes.WrongKey,
        KeyError.Damaged => ExitCodes.Damaged,
        KeyError.TooNew => ExitCodes.TooNew,
        _ => ExitCodes.Failed,
    };
}

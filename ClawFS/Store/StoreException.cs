using ClawFS.Linux;

namespace ClawFS.Store;

/// <summary>
/// The one exception of the store. <see cref="Error"/> is what the caller of the mount gets: EIO for bytes that are missing, stale
/// or not authentic, ENOSPC or EDQUOT for a full disk, EROFS for a store opened read-only, EOPNOTSUPP for a format this program does not read.
/// </summary>
public sealed class StoreException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="error">The error number, never <see cref="Errno.Ok"/>.</param>
    /// <param name="message">One line without content of the store: numbers of rows and files, never names or data.</param>
    /// <param name="inner">What caused it, if anything.</param>
    public StoreException(Errno error, string message, Exception? inner = null)
        : base(message, inner)
    {
        Error = error;
    }

    /// <summary>The error number.</summary>
    public Errno Error { get; }

    /// <summary>A refusal of the kernel, with its own error number.</summary>
    internal static StoreException From(LinuxException cause) => new(cause.Error, cause.Message, cause);

    /// <summary>Bytes of the store that are missing, stale or not authentic.</summary>
    internal static StoreException Damaged(string message) => new(Errno.EIO, message);

    /// <summary>A file of a format that this program does not read.</summary>
    internal static StoreException OtherFormat(string what, int format, int known) =>
        new(Errno.EOPNOTSUPP, $"{what} was made by {(format > known ? "a newer" : "an older")} claw (format {format}, this one knows {known})");
}

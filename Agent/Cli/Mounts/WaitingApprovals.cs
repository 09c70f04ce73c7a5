using System.Text;
using ClawFS.Linux;
using ClawOS.Security.Trees;

namespace ClawOS.Cli.Mounts;

/// <summary>approvals/ of a mount, as its owner uses it.</summary>
internal sealed class WaitingApprovals(string mountPoint)
{
    private const int LongestId = 64;

    private readonly string folder = Path.Combine(mountPoint, ApprovalFolder.FileName);

    /// <summary>All that waits, by name, each with its card.</summary>
    /// <exception cref="CliException">Nothing is mounted there, or the mount is another user's.</exception>
    internal IReadOnlyList<(string Id, string Card)> All()
    {
        try
        {
            List<(string, string)> found = [];
            foreach (string id in Directory.EnumerateFiles(folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal))
            {
                if (TryRead(id) is { } card)
                {
                    found.Add((id, card));
                }
            }

            return found;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Explained(error, null);
        }
    }

    /// <summary>The card of one.</summary>
    /// <exception cref="CliException">It does not wait.</exception>
    internal string Read(string id)
    {
        if (id.Length is 0 or > LongestId || !id.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
        {
            throw new CliException(ExitCodes.Usage, "an ID is what claw approve --list shows: small letters and digits");
        }

        try
        {
            return TryRead(id) ?? throw Gone(id);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Explained(error, id);
        }
    }

    /// <summary>Answers one that <see cref="Read"/> or <see cref="All"/> has shown.</summary>
    /// <exception cref="CliException">It waits no more.</exception>
    internal void Answer(string id, bool isYes)
    {
        try
        {
            // Sharing both ways keeps the runtime from taking a lock on the file.
            using FileStream file = new(
                Path.Combine(folder, id), new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
            file.Write(isYes ? "yes"u8 : "no"u8);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Explained(error, id);
        }
    }

    private string? TryRead(string id)
    {
        try
        {
            return CardText.Printable(File.ReadAllText(Path.Combine(folder, id), Encoding.UTF8));
        }
        catch (FileNotFoundException)
        {
            return null; // Answered or over since it was listed.
        }
    }

    private static CliException Gone(string id) => new(ExitCodes.NotFound, $"{id}: waits no more, or never did; claw approve --list shows what does");

    private CliException Explained(Exception error, string? id) => error switch
    {
        UnauthorizedAccessException => new CliException(ExitCodes.Failed, $"{folder}: only the owner of the mount may answer; use sudo"),
        FileNotFoundException when id is not null => Gone(id),
        DirectoryNotFoundException => new CliException(ExitCodes.NotFound, $"{folder}: not there; claw status tells whether something is mounted"),
        { HResult: (int)Errno.EALREADY } when id is not null => Gone(id),
        { HResult: (int)Errno.ETIMEDOUT } => new CliException(ExitCodes.NotFound, $"{id}: its time is over"),
        { HResult: (int)Errno.EHOSTDOWN } => new CliException(ExitCodes.Failed, $"{id}: guard is gone, and what waited with it"),
        { HResult: (int)Errno.EROFS } => new CliException(ExitCodes.Failed, $"{mountPoint}: is mounted read-only and takes no answers"),
        _ => new CliException(ExitCodes.Failed, $"{folder}: {error.Message}"),
    };
}

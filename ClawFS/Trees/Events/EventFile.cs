using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`events` and `events.1`: the two parts of the event log as growing files, for the owner alone: they name files whose folders others may not list.</summary>
public sealed class EventFile : GrowingFile
{
    /// <summary>The name of the part that grows.</summary>
    public const string CurrentName = "events";

    /// <summary>The name of the part before it.</summary>
    public const string ArchiveName = "events.1";

    private const uint OwnerReads = 0x100;

    private readonly EventLog log;
    private readonly bool isArchive;

    internal EventFile(EventLog log, bool isArchive) : base(OwnerReads)
    {
        this.log = log;
        this.isArchive = isArchive;
    }

    /// <inheritdoc/>
    protected override ulong Length => (ulong)(isArchive ? log.ArchiveLength : log.Length);

    /// <inheritdoc/>
    protected override Timestamp ModifiedAt => isArchive ? log.RotatedAt : log.WrittenAt;

    /// <inheritdoc/>
    protected override Errno ReadAt(ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        if (offset > long.MaxValue)
        {
            return Errno.Ok;
        }
        Errno error = isArchive ? log.ReadArchive((long)offset, buffer, out count) : log.Read((long)offset, buffer, out count);
        // Whoever has read a part already follows the file: while the store is locked there is just no more of it.
        return error == Errno.ENOKEY && offset > 0 ? Errno.Ok : error;
    }
}

using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`events` and `events.1`: the two parts of the event log as growing files.</summary>
public sealed class EventFile : GrowingFile
{
    /// <summary>The name of the part that grows.</summary>
    public const string CurrentName = "events";

    /// <summary>The name of the part before it.</summary>
    public const string ArchiveName = "events.1";

    private readonly EventLog _log;
    private readonly bool _isArchive;

    internal EventFile(EventLog log, bool isArchive)
    {
        _log = log;
        _isArchive = isArchive;
    }

    /// <inheritdoc/>
    protected override ulong Length => (ulong)(_isArchive ? _log.ArchiveLength : _log.Length);

    /// <inheritdoc/>
    protected override Timestamp ModifiedAt => _isArchive ? _log.RotatedAt : _log.WrittenAt;

    /// <inheritdoc/>
    protected override Errno ReadAt(ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        if (offset > long.MaxValue)
        {
            return Errno.Ok;
        }
        return _isArchive ? _log.ReadArchive((long)offset, buffer, out count) : _log.Read((long)offset, buffer, out count);
    }
}

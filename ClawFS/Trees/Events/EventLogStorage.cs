using ClawFS.Linux;

namespace ClawFS.Trees;

/// <summary>
/// Where the event log keeps its bytes: a current part that grows, and one earlier part. Calls come from several threads; only
/// <see cref="Append"/> and <see cref="TryRotate"/> never run beside each other. None throws.
/// </summary>
public abstract class EventLogStorage
{
    /// <summary>Bytes in the current part; 0 while they cannot be had (store locked).</summary>
    public abstract long Length { get; }

    /// <summary>Bytes in the earlier part; 0 if there is none.</summary>
    public abstract long ArchiveLength { get; }

    /// <summary>Adds whole lines to the current part. If the store refuses (ENOKEY locked, ENOSPC full, EIO the part is damaged) nothing was added.</summary>
    public abstract Errno Append(ReadOnlySpan<byte> lines);

    /// <summary>Makes the current part the earlier one, dropping that, and begins an empty one. False if the store refuses.</summary>
    public abstract bool TryRotate();

    /// <summary>Reads from the current part; fewer bytes than asked only at its end.</summary>
    public abstract Errno Read(long offset, Span<byte> buffer, out int count);

    /// <summary>Reads from the earlier part.</summary>
    public abstract Errno ReadArchive(long offset, Span<byte> buffer, out int count);
}

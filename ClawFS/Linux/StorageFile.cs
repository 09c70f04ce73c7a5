namespace ClawFS.Linux;

/// <summary>
/// An open file of the store folder, read and written at explicit offsets in bytes. Safe for use by several threads; no
/// member allocates on success.
/// </summary>
/// <remarks>Every member throws <see cref="LinuxException"/> when the kernel refuses (EIO, ENOSPC, EDQUOT ...).</remarks>
public abstract class StorageFile : IDisposable
{
    /// <summary>The path it was opened with, for messages only.</summary>
    public abstract string Path { get; }

    /// <summary>Length in bytes, asked from the kernel.</summary>
    public abstract long Length { get; }

    /// <summary>Reads until <paramref name="buffer"/> is full or the file ends.</summary>
    /// <returns>The bytes read; fewer than asked only at the end of the file.</returns>
    public abstract int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all of <paramref name="data"/>. After an exception any prefix of it may be in the file.</summary>
    public abstract void Write(ReadOnlySpan<byte> data, long offset);

    /// <summary>Writes <paramref name="first"/> and then <paramref name="second"/> behind it, in one call where the kernel takes it whole.</summary>
    public abstract void Write2(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long offset);

    /// <summary>Makes written data, and the length, durable (fdatasync). After an EIO the state of earlier writes is unknown.</summary>
    public abstract void SyncData();

    /// <summary>Reserves disk space without changing the length (fallocate KEEP_SIZE). EOPNOTSUPP on file systems without it.</summary>
    public abstract void Allocate(long offset, long length);

    /// <summary>Gives disk space back; the range then reads as zeros. EOPNOTSUPP on file systems without it.</summary>
    public abstract void PunchHole(long offset, long length);

    /// <summary>Cuts or extends with zeros to <paramref name="length"/> bytes.</summary>
    public abstract void Truncate(long length);

    /// <summary>Asks the kernel to read the range ahead. A hint: never throws for a refusal.</summary>
    public abstract void AdviseWillNeed(long offset, long length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the descriptor.</summary>
    protected abstract void Dispose(bool disposing);
}

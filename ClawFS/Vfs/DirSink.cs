namespace ClawFS.Vfs;

/// <summary>Takes the entries of one READDIR or READDIRPLUS until its buffer is full.</summary>
public abstract class DirSink
{
    /// <summary>Whether entries with attributes are wanted (READDIRPLUS).</summary>
    public abstract bool Plus { get; }

    /// <summary>
    /// Adds a name. <paramref name="nextCookie"/> (1..2^63-1) is where the next READDIR goes on if this is the last entry that fits.
    /// False: did not fit, stop. Use for "." and ".." even when <see cref="Plus"/> is set.
    /// </summary>
    public abstract bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie);

    /// <summary>
    /// Adds a name with attributes; the kernel takes one lookup reference to <c>entry.Node</c>, so a tree must count
    /// it only when this returned true.
    /// </summary>
    public abstract bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie);
}

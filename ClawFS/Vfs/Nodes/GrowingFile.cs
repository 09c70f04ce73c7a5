using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// An append-only file that fs fills, such as `events`: getattr gives the size of the moment and reads go straight to the storage, so that
/// `tail -f` follows it and `cp` gets a prefix that is whole. A descriptor that is kept open learns the new size through the notify worker.
/// </summary>
public abstract class GrowingFile : GeneratedNode
{
    private readonly Lock gate = new();
    private NodeShape shape;

    /// <summary>Makes a growing file; 0444 by default.</summary>
    protected GrowingFile(uint permissions = 0x124) : base(FileMode.Regular | permissions) { }

    /// <summary>Length in bytes now. It falls only when the file starts anew (rotation).</summary>
    protected internal abstract ulong Length { get; }

    /// <summary>When the last bytes were added.</summary>
    protected abstract Timestamp ModifiedAt { get; }

    /// <summary>Copies bytes at an offset; fewer than asked only at the end.</summary>
    protected internal abstract Errno ReadAt(ulong offset, Span<byte> buffer, out int count);

    /// <inheritdoc/>
    protected internal override bool IsTouchable => true;

    /// <inheritdoc/>
    protected internal override NodeShape Measure()
    {
        (ulong length, Timestamp modified) = (Length, ModifiedAt);
        lock (gate)
        {
            if (length != shape.Size || modified != shape.Mtime)
            {
                shape = new(length, modified, shape.Version + 1);
            }
            return shape;
        }
    }

    /// <inheritdoc/>
    protected internal override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        file = OpenFlags.Writes(flags) ? null : new Reader(this);
        return file is null ? Errno.EACCES : Errno.Ok;
    }

    private sealed class Reader(GrowingFile node) : OpenFile
    {
        protected internal override Errno Read(Request request, ulong offset, Span<byte> buffer, out int count) =>
            node.ReadAt(offset, buffer, out count);
    }
}

using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// A rendered file that may also be written. What is written is staged in the open file, O_TRUNC included, and becomes live as a whole
/// when it is closed; until then, and after any refusal, the live object is untouched. Reasons for refusals go to the error log.
/// </summary>
/// <remarks>
/// A format with one rule a line is checked in write(2), where every shell reports the error; after one refusal the descriptor is
/// poisoned: each later write fails and nothing is committed. What only the whole can tell is refused in close(2), which bash does not report.
/// A close that follows no write commits nothing, since a shell closes the descriptor it has duplicated before it writes; a truncation
/// without a write is committed when the last descriptor is gone.
/// </remarks>
public abstract class WritableFile : GeneratedFile
{
    private readonly ErrorLog errors;

    /// <summary>Makes a writable file.</summary>
    /// <param name="errors">Where refusals are explained.</param>
    /// <param name="permissions">Permission bits; 0644 by default.</param>
    /// <param name="capacity">Most bytes it takes; more is EFBIG.</param>
    protected WritableFile(ErrorLog errors, uint permissions = 0x1A4, int capacity = 64 * 1024) : base(permissions)
    {
        this.errors = errors;
        Capacity = capacity;
    }

    internal int Capacity { get; }

    /// <summary>The live content.</summary>
    protected abstract override byte[] Render();

    /// <summary>Checks one whole line, without its newline, as soon as it is written; null = fine so far.</summary>
    protected internal virtual Rejection? CheckLine(ReadOnlySpan<byte> line) => null;

    /// <summary>Checks what has been written so far, whole lines from the beginning, for formats in which a line means nothing alone; null = further lines may make it good.</summary>
    protected internal virtual Rejection? CheckBeginning(ReadOnlySpan<byte> lines) => null;

    /// <summary>A descriptor that was open for writing is gone.</summary>
    protected internal virtual void WriterClosed(OpenFile draft) { }

    /// <summary>Makes content live, or says why not and changes nothing. Every line has passed <see cref="CheckLine"/>.</summary>
    protected abstract Rejection? Commit(Request request, ReadOnlySpan<byte> content);

    /// <inheritdoc/>
    protected internal override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        byte[] live = shape.Content ?? [];
        file = OpenFlags.Writes(flags) ? new StagedFile(this, flags, live) : new PinnedFile(live);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    protected internal override Errno Truncate(Request request, ulong size)
    {
        StagedFile file = new(this, OpenFlags.WriteOnly, Measure().Content ?? []);
        Errno error = file.Truncate(request, size);
        return error == Errno.Ok ? file.Commit(request) : error;
    }

    /// <summary>Commits staged content and tells whoever watches.</summary>
    internal Errno Accept(Request request, ReadOnlySpan<byte> content)
    {
        if (Commit(request, content) is Rejection rejection)
        {
            int end = content.IndexOf((byte)'\n');
            return Refuse(request, rejection, end < 0 ? content : content[..end]);
        }
        Tree?.Events.Publish(new FsEvent { Kind = FsEventKind.WriteClosed, Time = Timestamp.Now, Node = Ino, Uid = request.Uid, Pid = request.Pid });
        Changed();
        return Errno.Ok;
    }

    internal Errno Refuse(Request request, Rejection rejection, ReadOnlySpan<byte> line)
    {
        errors.Add(ToString(), request.Pid, rejection, line);
        return rejection.Error;
    }
}

using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>One descriptor's private draft of a <see cref="WritableFile"/>.</summary>
internal sealed class StagedFile : OpenFile
{
    private readonly Lock gate = new();
    private readonly WritableFile node;
    private readonly bool appends;
    private byte[] draft;
    private int length;
    private bool isWritten;
    private bool isTruncated;
    private Errno poison;
    // Lines are checked while writes come in order; -1 once one did not, and then the close checks.
    private int next;
    private int lineStart;
    // Up to where all that was written has been looked at as a whole.
    private int lookedAt;

    public StagedFile(WritableFile node, int flags, ReadOnlySpan<byte> live)
    {
        this.node = node;
        appends = (flags & OpenFlags.Append) != 0;
        isTruncated = (flags & OpenFlags.Truncate) != 0;
        draft = isTruncated ? [] : live.ToArray();
        length = draft.Length;
        bool atLineStart = !appends || length == 0 || draft[length - 1] == '\n';
        next = atLineStart ? (appends ? length : 0) : -1;
        lineStart = Math.Max(next, 0);
    }

    protected internal override ulong? Size => (ulong)length;

    protected internal override Errno Read(Request request, ulong offset, Span<byte> buffer, out int count)
    {
        lock (gate)
        {
            count = PinnedFile.Copy(draft.AsSpan(0, length), offset, buffer);
            return Errno.Ok;
        }
    }

    protected internal override Errno Write(Request request, ulong offset, ReadOnlySpan<byte> data, out int count)
    {
        count = 0;
        lock (gate)
        {
            if (poison != Errno.Ok)
            {
                return poison;
            }
            // The kernel's offset for O_APPEND is its idea of the live size, not of this draft.
            ulong start = appends ? (ulong)length : offset;
            if (start > (ulong)node.Capacity || (ulong)data.Length > (ulong)node.Capacity - start)
            {
                return poison = node.Refuse(request, new($"longer than {node.Capacity} bytes", 0, Errno.EFBIG), data[..0]);
            }
            Place((int)start, data);
            isWritten = true;
            poison = CheckNewLines(request, (int)start, data.Length);
            count = poison == Errno.Ok ? data.Length : 0;
            return poison;
        }
    }

    protected internal override Errno Truncate(Request request, ulong size)
    {
        lock (gate)
        {
            if (size > (ulong)node.Capacity)
            {
                return Errno.EFBIG;
            }
            Resize((int)size);
            isTruncated |= size == 0;
            isWritten |= size != 0;
            (next, lineStart, lookedAt) = size == 0 ? (0, 0, 0) : (-1, 0, 0);
            return Errno.Ok;
        }
    }

    protected internal override Errno Flush(Request request)
    {
        lock (gate)
        {
            return poison != Errno.Ok ? poison : isWritten ? CommitDraft(request) : Errno.Ok;
        }
    }

    /// <summary>Makes the draft live whether or not anything was written.</summary>
    public Errno Commit(Request request)
    {
        lock (gate)
        {
            return CommitDraft(request);
        }
    }

    protected internal override void Close(Request request)
    {
        lock (gate)
        {
            if (poison == Errno.Ok && (isWritten || isTruncated))
            {
                CommitDraft(request);
            }
        }
        node.WriterClosed(this);
    }

    // A refused close does not poison: the descriptor of a child that exits is closed while its parent still writes.
    private Errno CommitDraft(Request request)
    {
        isWritten = false;
        isTruncated = false;
        ReadOnlySpan<byte> content = draft.AsSpan(0, length);
        for (ReadOnlySpan<byte> rest = content; !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            if (node.CheckLine(line) is Rejection rejection)
            {
                return node.Refuse(request, rejection, line);
            }
            rest = end < 0 ? [] : rest[(end + 1)..];
        }
        return node.Accept(request, content);
    }

    private Errno CheckNewLines(Request request, int start, int count)
    {
        if (start != next)
        {
            next = -1;
            return Errno.Ok;
        }
        next = start + count;
        for (int end = Newline(); end >= 0; end = Newline())
        {
            ReadOnlySpan<byte> line = draft.AsSpan(lineStart, end);
            lineStart += end + 1;
            if (node.CheckLine(line) is Rejection rejection)
            {
                return node.Refuse(request, rejection, line);
            }
        }
        return CheckBeginning(request);
    }

    /// <summary>A long text that comes a line at a time is not read anew with every line.</summary>
    private Errno CheckBeginning(Request request)
    {
        const int always = 16 * 1024, share = 8;
        if (lineStart <= lookedAt || (lineStart > always && lineStart - lookedAt < lineStart / share))
        {
            return Errno.Ok;
        }
        lookedAt = lineStart;
        ReadOnlySpan<byte> begun = draft.AsSpan(0, lineStart);
        return node.CheckBeginning(begun) is Rejection rejection ? node.Refuse(request, rejection, begun[..0]) : Errno.Ok;
    }

    private int Newline() => draft.AsSpan(lineStart, next - lineStart).IndexOf((byte)'\n');

    private void Place(int start, ReadOnlySpan<byte> data)
    {
        if (start + data.Length > length)
        {
            Resize(start + data.Length);
        }
        data.CopyTo(draft.AsSpan(start));
    }

    private void Resize(int newLength)
    {
        if (newLength > draft.Length)
        {
            Array.Resize(ref draft, Math.Max(newLength, Math.Min(node.Capacity, draft.Length * 2)));
        }
        draft.AsSpan(Math.Min(length, newLength)).Clear();
        length = newLength;
    }
}

using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>One descriptor's private draft of a <see cref="WritableFile"/>.</summary>
internal sealed class StagedFile : OpenFile
{
    private readonly Lock _gate = new();
    private readonly WritableFile _node;
    private readonly bool _appends;
    private byte[] _draft;
    private int _length;
    private bool _isWritten;
    private bool _isTruncated;
    private Errno _poison;
    // Lines are checked while writes come in order; -1 once one did not, and then the close checks.
    private int _next;
    private int _lineStart;

    public StagedFile(WritableFile node, int flags, ReadOnlySpan<byte> live)
    {
        _node = node;
        _appends = (flags & OpenFlags.Append) != 0;
        _isTruncated = (flags & OpenFlags.Truncate) != 0;
        _draft = _isTruncated ? [] : live.ToArray();
        _length = _draft.Length;
        bool atLineStart = !_appends || _length == 0 || _draft[_length - 1] == '\n';
        _next = atLineStart ? (_appends ? _length : 0) : -1;
        _lineStart = Math.Max(_next, 0);
    }

    protected internal override ulong? Size => (ulong)_length;

    protected internal override Errno Read(Request request, ulong offset, Span<byte> buffer, out int count)
    {
        lock (_gate)
        {
            count = PinnedFile.Copy(_draft.AsSpan(0, _length), offset, buffer);
            return Errno.Ok;
        }
    }

    protected internal override Errno Write(Request request, ulong offset, ReadOnlySpan<byte> data, out int count)
    {
        count = 0;
        lock (_gate)
        {
            if (_poison != Errno.Ok)
            {
                return _poison;
            }
            // The kernel's offset for O_APPEND is its idea of the live size, not of this draft.
            ulong start = _appends ? (ulong)_length : offset;
            if (start > (ulong)_node.Capacity || (ulong)data.Length > (ulong)_node.Capacity - start)
            {
                return _poison = _node.Refuse(request, new($"longer than {_node.Capacity} bytes", 0, Errno.EFBIG), data[..0]);
            }
            Place((int)start, data);
            _isWritten = true;
            _poison = CheckNewLines(request, (int)start, data.Length);
            count = _poison == Errno.Ok ? data.Length : 0;
            return _poison;
        }
    }

    protected internal override Errno Truncate(Request request, ulong size)
    {
        lock (_gate)
        {
            if (size > (ulong)_node.Capacity)
            {
                return Errno.EFBIG;
            }
            Resize((int)size);
            _isTruncated |= size == 0;
            _isWritten |= size != 0;
            (_next, _lineStart) = size == 0 ? (0, 0) : (-1, 0);
            return Errno.Ok;
        }
    }

    protected internal override Errno Flush(Request request)
    {
        lock (_gate)
        {
            return _poison != Errno.Ok ? _poison : _isWritten ? CommitDraft(request) : Errno.Ok;
        }
    }

    /// <summary>Makes the draft live whether or not anything was written.</summary>
    public Errno Commit(Request request)
    {
        lock (_gate)
        {
            return CommitDraft(request);
        }
    }

    protected internal override void Close(Request request)
    {
        lock (_gate)
        {
            if (_poison == Errno.Ok && (_isWritten || _isTruncated))
            {
                CommitDraft(request);
            }
        }
    }

    // A refused close does not poison: the descriptor of a child that exits is closed while its parent still writes.
    private Errno CommitDraft(Request request)
    {
        _isWritten = false;
        _isTruncated = false;
        ReadOnlySpan<byte> content = _draft.AsSpan(0, _length);
        for (ReadOnlySpan<byte> rest = content; !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            if (_node.CheckLine(line) is Rejection rejection)
            {
                return _node.Refuse(request, rejection, line);
            }
            rest = end < 0 ? [] : rest[(end + 1)..];
        }
        return _node.Accept(request, content);
    }

    private Errno CheckNewLines(Request request, int start, int count)
    {
        if (start != _next)
        {
            _next = -1;
            return Errno.Ok;
        }
        _next = start + count;
        for (int end = Newline(); end >= 0; end = Newline())
        {
            ReadOnlySpan<byte> line = _draft.AsSpan(_lineStart, end);
            _lineStart += end + 1;
            if (_node.CheckLine(line) is Rejection rejection)
            {
                return _node.Refuse(request, rejection, line);
            }
        }
        return Errno.Ok;
    }

    private int Newline() => _draft.AsSpan(_lineStart, _next - _lineStart).IndexOf((byte)'\n');

    private void Place(int start, ReadOnlySpan<byte> data)
    {
        if (start + data.Length > _length)
        {
            Resize(start + data.Length);
        }
        data.CopyTo(_draft.AsSpan(start));
    }

    private void Resize(int length)
    {
        if (length > _draft.Length)
        {
            Array.Resize(ref _draft, Math.Max(length, Math.Min(_node.Capacity, _draft.Length * 2)));
        }
        _draft.AsSpan(Math.Min(_length, length)).Clear();
        _length = length;
    }
}

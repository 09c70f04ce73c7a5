using System.Text;
using ClawFS.Linux;

namespace ClawFS.Trees.Tests;

/// <summary>An event log in memory that can be told to refuse.</summary>
internal sealed class MemoryEventLog : EventLogStorage
{
    private readonly Lock _gate = new();
    private byte[] _current = [];
    private byte[] _archive = [];

    public bool Refuses { get; set; }
    public int Appends { get; private set; }
    public string Text => Encoding.UTF8.GetString(_current);
    public string ArchiveText => Encoding.UTF8.GetString(_archive);
    public override long Length => _current.Length;
    public override long ArchiveLength => _archive.Length;

    public override bool TryAppend(ReadOnlySpan<byte> lines)
    {
        lock (_gate)
        {
            if (!Refuses)
            {
                Appends++;
                _current = [.. _current, .. lines];
            }
            return !Refuses;
        }
    }

    public override bool TryRotate()
    {
        (_archive, _current) = (_current, []);
        return true;
    }

    public override Errno Read(long offset, Span<byte> buffer, out int count) => Copy(_current, offset, buffer, out count);

    public override Errno ReadArchive(long offset, Span<byte> buffer, out int count) => Copy(_archive, offset, buffer, out count);

    private static Errno Copy(byte[] part, long offset, Span<byte> buffer, out int count)
    {
        ReadOnlySpan<byte> rest = offset >= part.Length ? [] : part.AsSpan((int)offset);
        count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return Errno.Ok;
    }
}

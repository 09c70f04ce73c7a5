using System.Text;
using ClawFS.Linux;

namespace ClawFS.Trees.Tests;

/// <summary>An event log in memory that can be told to refuse.</summary>
internal sealed class MemoryEventLog : EventLogStorage
{
    private readonly Lock gate = new();
    private byte[] current = [];
    private byte[] archive = [];

    public bool Refuses { get; set; }
    public int Appends { get; private set; }
    public string Text => Encoding.UTF8.GetString(current);
    public string ArchiveText => Encoding.UTF8.GetString(archive);
    public override long Length => current.Length;
    public override long ArchiveLength => archive.Length;

    /// <summary>Says EIO until the part is put aside.</summary>
    public bool IsDamaged { get; set; }

    public override Errno Append(ReadOnlySpan<byte> lines)
    {
        lock (gate)
        {
            if (Refuses || IsDamaged)
            {
                return IsDamaged ? Errno.EIO : Errno.ENOSPC;
            }
            Appends++;
            current = [.. current, .. lines];
            return Errno.Ok;
        }
    }

    public override bool TryRotate()
    {
        (archive, current, IsDamaged) = (current, [], false);
        return true;
    }

    public override Errno Read(long offset, Span<byte> buffer, out int count) => Copy(current, offset, buffer, out count);

    public override Errno ReadArchive(long offset, Span<byte> buffer, out int count) => Copy(archive, offset, buffer, out count);

    private static Errno Copy(byte[] part, long offset, Span<byte> buffer, out int count)
    {
        ReadOnlySpan<byte> rest = offset >= part.Length ? [] : part.AsSpan((int)offset);
        count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return Errno.Ok;
    }
}

using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// The notify worker's open file: whatever it writes is taken and ignored, no event is published, and nobody but the worker gets one.
/// What matters happened in the kernel: inotify fired.
/// </summary>
internal sealed class TouchFile(NodeAlias alias) : OpenFile
{
    public NodeAlias Alias { get; } = alias;

    protected internal override Errno Write(Request request, ulong offset, ReadOnlySpan<byte> data, out int count)
    {
        count = data.Length;
        return Errno.Ok;
    }
}

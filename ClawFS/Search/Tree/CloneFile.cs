using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>`search/new`: each open makes a question of its own, whose number is what is read; the question goes when the descriptor is closed.</summary>
internal sealed class CloneFile(QuestionHandles handles) : GeneratedNode(FileMode.Regular | 0x124)
{
    public const string FileName = "new";

    /// <inheritdoc/>
    protected override NodeShape Measure() => new(0, Timestamp.Now, 0);

    /// <inheritdoc/>
    protected override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        file = null;
        if (OpenFlags.Writes(flags))
        {
            return Errno.EACCES;
        }
        if (handles.TryOpen() is not { } number)
        {
            return Errno.EAGAIN;
        }
        file = new Number(handles, number);
        return Errno.Ok;
    }

    private sealed class Number(QuestionHandles handles, int number) : OpenFile
    {
        private readonly byte[] text = Encoding.ASCII.GetBytes($"{number}\n");

        protected override ulong? Size => (ulong)text.Length;

        protected override Errno Read(Request request, ulong offset, Span<byte> buffer, out int count)
        {
            count = PinnedFile.Copy(text, offset, buffer);
            return Errno.Ok;
        }

        protected override void Close(Request request) => handles.Close(number);
    }
}

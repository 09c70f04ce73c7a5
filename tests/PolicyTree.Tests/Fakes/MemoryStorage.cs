using ClawFS.Linux;
using ClawOS.Security.Trees;

namespace PolicyTree.Tests.Fakes;

/// <summary>Keeps policies in memory, and refuses on demand.</summary>
internal sealed class MemoryStorage : PolicyStorage
{
    public byte[]? Content { get; set; }
    public byte[]? Aside { get; private set; }
    public Errno Refusal { get; set; } = Errno.Ok;
    public Errno Unreadable { get; set; } = Errno.Ok;

    public override Errno Load(out byte[]? content)
    {
        content = Content;
        return Unreadable;
    }

    public override Errno Save(ReadOnlySpan<byte> content)
    {
        if (Refusal == Errno.Ok)
        {
            Content = content.ToArray();
        }

        return Refusal;
    }

    public override Errno SetAside()
    {
        (Aside, Content) = (Content, null);
        return Errno.Ok;
    }
}

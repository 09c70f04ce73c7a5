using ClawFS.Vfs;

namespace PolicyTree.Tests.Fakes;

/// <summary>A request of some user; nothing here waits.</summary>
internal sealed class Asked : Request
{
    public Asked(uint uid = 1000) => (Uid, Pid) = (uid, 42);

    public override ParkedRequest Park() => throw new InvalidOperationException("nothing here waits");
}

namespace ClawFS.Vfs;

/// <summary>
/// The way back to the kernel: what it has cached and must drop. Calls only queue; one notifier thread writes them, holding no lock of
/// any tree, because the kernel may wait for a page lock that a pending request holds.
/// </summary>
public abstract class KernelCache
{
    /// <summary>Drops attributes (offset -1) or pages from <paramref name="offset"/> (length 0 or less = to the end).</summary>
    public abstract void InvalidateInode(ulong node, long offset, long length);
    /// <summary>Drops one name of a directory.</summary>
    public abstract void InvalidateEntry(ulong parent, ReadOnlySpan<byte> name);
    /// <summary>
    /// Has the kernel write back what it holds dirty of a node (its pages are dropped with it), then runs <paramref name="done"/> on the notifier's thread; it must
    /// be quick. Not run when the mount goes first.
    /// </summary>
    public abstract void WriteBack(ulong node, Action done);
    /// <summary>Whether the kernel has an inode of this number. Asked at once, on this thread.</summary>
    public abstract bool Holds(ulong node);
    /// <summary>
    /// Has the kernel ask again for every name it has cached, whoever is using it. At once, on this thread, which waits for nothing. What is
    /// mounted on such a name is unmounted when the name is next walked through. False: the kernel does not know how (before Linux 6.16).
    /// </summary>
    public abstract bool DropNames();
    /// <summary>Wakes poll(2) on a handle that asked for it.</summary>
    public abstract void PollWakeup(ulong pollHandle);

    /// <summary>Before the mount exists, and in tests without one.</summary>
    public static KernelCache None { get; } = new Nothing();

    private sealed class Nothing : KernelCache
    {
        public override void InvalidateInode(ulong node, long offset, long length) { }
        public override void InvalidateEntry(ulong parent, ReadOnlySpan<byte> name) { }
        public override void WriteBack(ulong node, Action done) => done();
        public override bool Holds(ulong node) => false;
        public override bool DropNames() => false;
        public override void PollWakeup(ulong pollHandle) { }
    }
}

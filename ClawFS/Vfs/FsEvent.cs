namespace ClawFS.Vfs;

/// <summary>What happened to a stored or generated node.</summary>
public enum FsEventKind
{
    /// <summary>A name came to be (create, mkdir, symlink, mknod, link).</summary>
    Create,
    /// <summary>A file that was open for writing was closed, or its length was set by path.</summary>
    WriteClosed,
    /// <summary>A name was moved; the old place is in <see cref="FsEvent.OldParent"/> and <see cref="FsEvent.OldName"/>.</summary>
    Rename,
    /// <summary>A name was removed.</summary>
    Remove,
    /// <summary>Mode, owner, times or an extended attribute were set by a caller.</summary>
    Attributes,
    /// <summary>The store found damage of a node, or of itself; <see cref="FsEvent.Name"/> says what in UTF-8, and <see cref="FsEvent.Parent"/> is 0.</summary>
    Damage,
    /// <summary>A standing query has a new hit: the node is the file, <see cref="FsEvent.Name"/> the query's name in UTF-8, and <see cref="FsEvent.Parent"/> is 0.</summary>
    Hit,
    /// <summary>Something waits for the owner's yes, was answered, or waits no more: the name in <see cref="FsEvent.Parent"/> is its own, <see cref="FsEvent.Outcome"/> says which; there may be no such file.</summary>
    Approval,
}

/// <summary>One entry of the bus. Names are copies: an event outlives the request.</summary>
public struct FsEvent
{
    /// <summary>What.</summary>
    public FsEventKind Kind;
    /// <summary>When.</summary>
    public Timestamp Time;
    /// <summary>The node itself; it may be gone when the event is read.</summary>
    public ulong Node;
    /// <summary>Folder of the name, 0 where only the node is known (WriteClosed, Attributes).</summary>
    public ulong Parent;
    /// <summary>The name in <see cref="Parent"/>, or null.</summary>
    public byte[]? Name;
    /// <summary>Rename: the folder it came from.</summary>
    public ulong OldParent;
    /// <summary>Rename: the name it had.</summary>
    public byte[]? OldName;
    /// <summary>Rename: the node whose name was taken over or exchanged, 0 without.</summary>
    public ulong Replaced;
    /// <summary>Caller.</summary>
    public uint Uid;
    /// <summary>Caller's thread id, 0 if the kernel acts by itself.</summary>
    public uint Pid;
    /// <summary>Approval: what has become of it, in a word.</summary>
    public string? Outcome;
    /// <summary>Hit: what the file was ranked by.</summary>
    public double Score;
    /// <summary>Whether the node is a directory.</summary>
    public bool IsDirectory;
}

/// <summary>Where trees publish; publishing never blocks and never fails the request.</summary>
public abstract class FsEventSink
{
    /// <summary>Hands over one event.</summary>
    public abstract void Publish(in FsEvent e);

    /// <summary>Drops everything.</summary>
    public static FsEventSink None { get; } = new Nothing();

    private sealed class Nothing : FsEventSink
    {
        public override void Publish(in FsEvent e) { }
    }
}

using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// Who asks, and the way to answer later. One instance a dispatcher thread, reused: valid only until the operation returns,
/// unless it was parked.
/// </summary>
public abstract class Request
{
    /// <summary>The kernel's number of this request; bit 63 marks one that was sent again after a restart.</summary>
    public ulong Unique { get; protected set; }
    /// <summary>File-system uid of the caller.</summary>
    public uint Uid { get; protected set; }
    /// <summary>File-system gid of the caller.</summary>
    public uint Gid { get; protected set; }
    /// <summary>Thread id of the caller; 0 for what the kernel does by itself (writeback, release).</summary>
    public uint Pid { get; protected set; }

    /// <summary>
    /// Takes the request off this thread. The operation must then return <see cref="Vfs.Parked"/>, and somebody must complete
    /// the result exactly once, from any thread, at any time (even before the operation has returned).
    /// </summary>
    public abstract ParkedRequest Park();

    /// <summary>What the operation waits for before it is done again; null: for nothing.</summary>
    public Task? Awaited { get; protected set; }

    /// <summary>
    /// Has the whole operation done again, from the start, when something is there. The operation must have changed nothing so far, and must return the result. If the client gives up
    /// meanwhile it is answered EINTR.
    /// </summary>
    /// <param name="ready">Completes, soon and in any case; how it ends does not matter.</param>
    /// <returns><see cref="Vfs.Again"/>.</returns>
    public Errno Await(Task ready)
    {
        Awaited = ready;
        return Vfs.Again;
    }
}

/// <summary>A request that waits. Completing twice throws; not completing hangs the client.</summary>
public abstract class ParkedRequest
{
    /// <summary>The kernel's number.</summary>
    public ulong Unique { get; protected set; }
    /// <summary>Whether the client has given up (FUSE_INTERRUPT); the owner should then complete with EINTR soon.</summary>
    public abstract bool Interrupted { get; }
    /// <summary>Runs once if the client gives up, at once if it already has. The callback must complete the request or leave it to its owner.</summary>
    public abstract void OnInterrupt(Action<ParkedRequest> callback);
    /// <summary>Answers with an error, or with success and nothing else (fsync, flush, setxattr ...).</summary>
    public abstract void Complete(Errno error);
    /// <summary>Answers a READ (or READLINK, GETXATTR) with bytes.</summary>
    public abstract void CompleteData(ReadOnlySpan<byte> data);
    /// <summary>Answers a WRITE or COPY_FILE_RANGE with the count taken.</summary>
    public abstract void CompleteCount(uint count);
    /// <summary>Answers an LSEEK.</summary>
    public abstract void CompletePosition(ulong position);
    /// <summary>Answers an OPEN.</summary>
    public abstract void CompleteOpen(in OpenReply reply);
    /// <summary>Answers a POLL with the ready events (POLLIN ...).</summary>
    public abstract void CompletePoll(uint events);
}

/// <summary>Constants of the border.</summary>
public static class Vfs
{
    /// <summary>Not an error: the operation took the request with <see cref="Request.Park"/> and answers later.</summary>
    public const Errno Parked = (Errno)0x10000;
    /// <summary>Not an error: the operation is done again when <see cref="Request.Await"/>'s task has ended.</summary>
    public const Errno Again = (Errno)0x10001;
    /// <summary>The root of the mount (FUSE_ROOT_ID).</summary>
    public const ulong RootNode = 1;
    /// <summary>Node ids from here on belong to generated nodes and channels; below are inode numbers of the store.</summary>
    public const ulong FirstGeneratedNode = 1UL << 62;
    /// <summary>Longest name in bytes.</summary>
    public const int MaxName = 255;
}

using System.Collections.Concurrent;
using ClawFS.Linux;
using ClawFS.Vfs;
using Fuse.Tests.Memory;

namespace Fuse.Tests.Mounted;

/// <summary>The tree in memory, where reads of files opened for reading and writing wait until the test answers them.</summary>
internal sealed class WaitingTree : MemoryTree
{
    private const int AccessMode = 3, ReadWrite = 2;
    private const ulong Channel = 7;

    /// <summary>The reads that wait, oldest first.</summary>
    public BlockingCollection<ParkedRequest> Reads { get; } = [];

    /// <summary>Handles that want to be woken.</summary>
    public BlockingCollection<ulong> Polls { get; } = [];

    /// <summary>How many clients have given up.</summary>
    public BlockingCollection<ulong> Interrupts { get; } = [];

    /// <summary>Whether poll finds something to read.</summary>
    public bool Ready { get; set; }

    public override Errno Open(Request request, ulong node, int flags, bool killSuidGid, out OpenReply reply)
    {
        Errno error = base.Open(request, node, flags, killSuidGid, out reply);
        if ((flags & AccessMode) == ReadWrite)
        {
            reply = new OpenReply { Handle = Channel, Flags = OpenReplyFlags.DirectIo | OpenReplyFlags.Stream };
        }

        return error;
    }

    public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count)
    {
        if (handle != Channel)
            return base.Read(request, node, handle, offset, buffer, out count);

        count = 0;
        ParkedRequest parked = request.Park();
        parked.OnInterrupt(r =>
        {
            Interrupts.Add(r.Unique);
            r.Complete(Errno.EINTR);
        });
        Reads.Add(parked);
        return ClawFS.Vfs.Vfs.Parked;
    }

    public override Errno Poll(Request request, ulong node, ulong handle, ulong pollHandle, bool wakeup, uint wanted, out uint ready)
    {
        ready = Ready ? wanted & 1 : 0;
        if (wakeup)
        {
            Polls.Add(pollHandle);
        }

        return Errno.Ok;
    }
}

using ClawFS.Linux;
using ClawFS.Vfs;
using Fuse.Tests.Memory;

namespace Fuse.Tests.Fuzz;

/// <summary>The tree in memory, but some requests wait until <see cref="CompleteSome"/>, or until they are interrupted.</summary>
internal sealed class FuzzTree : MemoryTree
{
    private readonly Lock gate = new();
    private readonly List<ParkedRequest> waiting = [];

    public override Errno Fsync(Request request, ulong node, ulong handle, bool dataOnly) => Wait(request);

    public override Errno FsyncDir(Request request, ulong node) => Wait(request);

    public override Errno Poll(Request request, ulong node, ulong handle, ulong pollHandle, bool wakeup, uint wanted, out uint ready)
    {
        ready = 0;
        return Wait(request);
    }

    /// <summary>Completes all but the newest <paramref name="keep"/>.</summary>
    public void CompleteSome(int keep)
    {
        ParkedRequest[] done = [];
        lock (gate)
        {
            if (waiting.Count > keep)
            {
                done = [.. waiting[..^keep]];
                waiting.RemoveRange(0, done.Length);
            }
        }

        foreach (ParkedRequest request in done)
        {
            request.Complete(Errno.Ok);
        }
    }

    private Errno Wait(Request request)
    {
        ParkedRequest parked = request.Park();
        lock (gate)
        {
            waiting.Add(parked);
        }

        parked.OnInterrupt(Interrupted);
        return ClawFS.Vfs.Vfs.Parked;
    }

    private void Interrupted(ParkedRequest request)
    {
        bool mine;
        lock (gate)
        {
            mine = waiting.Remove(request);
        }

        if (mine)
        {
            request.Complete(Errno.EINTR);
        }
    }
}

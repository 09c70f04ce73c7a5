using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Store;

/// <summary>
/// A request from inside the process (the service's own files, `claw fs` on a store that is not mounted). What parks is waited for on the
/// caller's thread. Such requests make no events and move no access time.
/// </summary>
public sealed class LocalRequest : Request
{
    private Waiter? waiter;

    /// <param name="uid">Owner of what the request makes.</param>
    /// <param name="gid">Group of what the request makes.</param>
    public LocalRequest(uint uid, uint gid)
    {
        Uid = uid;
        Gid = gid;
    }

    /// <inheritdoc/>
    public override ParkedRequest Park() => waiter = new Waiter();

    /// <summary>The result of an operation: its own, or once it is answered that of the parked request.</summary>
    public Errno Wait(Errno result)
    {
        if (result != Vfs.Vfs.Parked)
        {
            return result;
        }
        Waiter parked = waiter ?? throw new InvalidOperationException("nothing was parked");
        waiter = null;
        return parked.Wait();
    }

    private sealed class Waiter : ParkedRequest
    {
        private readonly ManualResetEventSlim done = new();
        private Errno result;

        public override bool Interrupted => false;
        public override void OnInterrupt(Action<ParkedRequest> callback) { }
        public override void CompleteData(ReadOnlySpan<byte> data) => Complete(Errno.Ok);
        public override void CompleteCount(uint count) => Complete(Errno.Ok);
        public override void CompletePosition(ulong position) => Complete(Errno.Ok);
        public override void CompleteOpen(in OpenReply reply) => Complete(Errno.Ok);
        public override void CompletePoll(uint events) => Complete(Errno.Ok);

        public override void Complete(Errno error)
        {
            result = error;
            done.Set();
        }

        public Errno Wait()
        {
            done.Wait();
            done.Dispose();
            return result;
        }
    }
}

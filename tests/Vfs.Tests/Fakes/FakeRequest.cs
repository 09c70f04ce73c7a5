using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

/// <summary>A request of a made-up caller; parked ones are kept for the test to look at.</summary>
internal sealed class FakeRequest : Request
{
    private static ulong last;

    public FakeRequest(uint uid = 1000, uint pid = 4321)
    {
        Unique = Interlocked.Increment(ref last);
        Uid = uid;
        Gid = uid;
        Pid = pid;
    }

    public FakeParked? Parked { get; private set; }

    public override ParkedRequest Park() => Parked = new FakeParked(Unique);
}

/// <summary>A parked request that remembers its answer and refuses a second one.</summary>
internal sealed class FakeParked : ParkedRequest
{
    private readonly TaskCompletionSource<(Errno Error, byte[] Data)> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<ParkedRequest>? callback;
    private bool interrupted;

    public FakeParked(ulong unique) => Unique = unique;

    public bool IsCompleted => answer.Task.IsCompleted;

    public override bool Interrupted => interrupted;

    public (Errno Error, byte[] Data) Answer() =>
        answer.Task.Wait(TimeSpan.FromSeconds(20)) ? answer.Task.Result : throw new TimeoutException("the request was not answered");

    public void Interrupt()
    {
        interrupted = true;
        callback?.Invoke(this);
    }

    public override void OnInterrupt(Action<ParkedRequest> callback)
    {
        this.callback = callback;
        if (interrupted)
        {
            callback(this);
        }
    }

    public override void Complete(Errno error) => Set(error, []);
    public override void CompleteData(ReadOnlySpan<byte> data) => Set(Errno.Ok, data.ToArray());
    public override void CompleteCount(uint count) => Set(Errno.Ok, BitConverter.GetBytes(count));
    public override void CompleteOpen(in OpenReply reply) => Set(Errno.Ok, BitConverter.GetBytes(reply.Handle));
    public override void CompletePosition(ulong position) => Set(Errno.Ok, BitConverter.GetBytes(position));
    public override void CompletePoll(uint events) => Set(Errno.Ok, BitConverter.GetBytes(events));

    private void Set(Errno error, byte[] data)
    {
        if (!answer.TrySetResult((error, data)))
        {
            throw new InvalidOperationException("completed twice");
        }
    }
}

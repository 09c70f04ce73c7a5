using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>A read that waits for an answer. Exactly one of answer and interrupt wins the claim and completes it.</summary>
internal sealed class ParkedRead(ParkedRequest request, int length)
{
    private int claimed;

    /// <summary>Bytes the client asked for.</summary>
    public int Length { get; } = length;

    public bool TryClaim() => Interlocked.Exchange(ref claimed, 1) == 0;

    /// <summary>Lets the client give up. Not to be called under a lock: the callback may run at once.</summary>
    public void Watch() => request.OnInterrupt(parked =>
    {
        if (TryClaim())
        {
            parked.Complete(Errno.EINTR);
        }
    });

    /// <summary>Completes after a successful claim.</summary>
    public void Answer(ReadOnlySpan<byte> data, Errno error)
    {
        if (error == Errno.Ok)
        {
            request.CompleteData(data);
        }
        else
        {
            request.Complete(error);
        }
    }
}

using ClawFS.Linux;

namespace ClawFS.Fuse.Dispatch;

/// <summary>
/// Whole requests that the tree wants asked again later (<see cref="Vfs.Vfs.Held"/>), in their order, until they are released; from then on nothing is kept. Their
/// number is bounded by the kernel: what it has under way at once.
/// </summary>
internal sealed class HeldRequests
{
    private readonly Lock gate = new();
    private List<(byte[] Message, FuseParkedRequest Parked)>? held = [];

    /// <summary>Keeps a request. A client that gives up gets EINTR, as from any wait.</summary>
    /// <returns>False when they were released meanwhile: it is to be asked again now.</returns>
    internal bool TryAdd(ReadOnlySpan<byte> message, FuseRequest request)
    {
        FuseParkedRequest parked;
        lock (gate)
        {
            if (held is null)
                return false;

            parked = (FuseParkedRequest)request.Park();
            held.Add((message.ToArray(), parked));
        }

        parked.OnInterrupt(static given => ((FuseParkedRequest)given).Abandon(Errno.EINTR));
        return true;
    }

    /// <summary>Ends the keeping; returns what still waits, to be asked again.</summary>
    internal IReadOnlyList<byte[]> Release()
    {
        List<(byte[] Message, FuseParkedRequest Parked)> all;
        lock (gate)
        {
            all = held ?? [];
            held = null;
        }

        return [.. all.Where(static one => one.Parked.TryWithdraw()).Select(static one => one.Message)];
    }
}

namespace ClawFS.Linux;

/// <summary>
/// A two-way channel that keeps the borders of its messages: what one side sends in one call, the other side receives
/// in one call. <see cref="SeqPacketSocket"/> carries it between processes; tests may carry it in memory.
/// </summary>
/// <remarks>
/// One thread may send while another receives. Several senders are safe, for a message is sent whole; several receivers
/// each get different messages.
/// </remarks>
public abstract class MessageChannel : IDisposable
{
    /// <summary>Longest message in bytes that a sender may count on every channel to carry.</summary>
    public const int MaxMessage = 64 * 1024;

    /// <summary>Sends one message whole; waits while the peer's queue is full.</summary>
    /// <param name="message">The message, 1 to <see cref="MaxMessage"/> bytes: an empty one could not be told from the end.</param>
    /// <returns>False when the peer is gone; nothing was sent then.</returns>
    public abstract bool Send(ReadOnlySpan<byte> message);

    /// <summary>Waits for the next message and copies it into <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Room for the message; a message that is longer is an <see cref="IOException"/>, never cut short in silence.</param>
    /// <returns>The length of the message in bytes, or 0 when the peer has closed its end and no message is left.</returns>
    public abstract int Receive(Span<byte> buffer);

    /// <summary>Closes this end; a peer that waits in <see cref="Receive"/> gets 0.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the channel holds.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}

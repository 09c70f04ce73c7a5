using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>Who answers the requests of a <see cref="Channel"/>: code in fs, or the near end of a socket to another process.</summary>
public abstract class ChannelService
{
    /// <summary>Whether a request has a chance; false makes every write EHOSTDOWN at once.</summary>
    public abstract bool IsUp { get; }

    /// <summary>
    /// Takes a request and returns at once; the answer goes to <paramref name="exchange"/> from any thread, even before this returns.
    /// An error refuses the request: it is what the client's write returns, and the exchange must not be touched.
    /// </summary>
    public abstract Errno Submit(ChannelExchange exchange);
}

using System.Collections.Concurrent;
using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// A node on which a program writes a request and reads the answer from the same descriptor: `exec 3&lt;&gt;ask; echo q &gt;&amp;3; cat &lt;&amp;3`.
/// Each open file is a conversation of its own. A read with nothing asked is the end of the file at once, so `grep -r` and `cp -r` pass;
/// a read with a request outstanding waits until the answer comes, off the dispatcher's threads. Closing abandons what is outstanding.
/// </summary>
public sealed class Channel : GeneratedNode
{
    private readonly ChannelService service;
    private readonly ConcurrentDictionary<ChannelFile, bool> open = new();
    private readonly Timestamp made = Timestamp.Now;

    /// <summary>Makes a channel.</summary>
    /// <param name="service">Who answers.</param>
    /// <param name="framing">Where a request ends.</param>
    /// <param name="permissions">Permission bits; 0600 by default.</param>
    /// <param name="capacity">Longest request in bytes; more is EFBIG.</param>
    public Channel(ChannelService service, ChannelFraming framing = ChannelFraming.Line, uint permissions = 0x180, int capacity = 1024 * 1024)
        : base(FileMode.Regular | permissions)
    {
        this.service = service;
        Framing = framing;
        Capacity = capacity;
    }

    internal ChannelFraming Framing { get; }
    internal int Capacity { get; }
    internal KernelCache Kernel => Tree?.Kernel ?? KernelCache.None;
    internal bool IsUp => service.IsUp;

    /// <summary>Descriptors open now; for metrics.</summary>
    public int OpenFiles => open.Count;

    /// <summary>To be called when the service has gone: whatever is outstanding fails with EHOSTDOWN.</summary>
    public void ServiceDown()
    {
        foreach (ChannelFile file in open.Keys)
        {
            file.FailAll(Errno.EHOSTDOWN);
        }
    }

    /// <inheritdoc/>
    protected internal override NodeShape Measure() => new(0, made, 0);

    /// <inheritdoc/>
    protected internal override Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        file = null;
        // Nobody could read the answer, and without a read nothing says where the request ends.
        if (Framing == ChannelFraming.Message && !OpenFlags.Reads(flags))
        {
            return Errno.EINVAL;
        }
        ChannelFile opened = new(this, flags);
        open[opened] = true;
        file = opened;
        return Errno.Ok;
    }

    /// <summary>truncate(2) has nothing to do: `echo q > ctl` opens with O_TRUNC.</summary>
    protected internal override Errno Truncate(Request request, ulong size) => Errno.Ok;

    internal Errno Submit(ChannelExchange exchange) => service.IsUp ? service.Submit(exchange) : Errno.EHOSTDOWN;

    internal void Closed(ChannelFile file) => open.TryRemove(file, out _);
}

using ClawFS.Fuse;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Dispatch;

/// <summary>A dispatcher without a mount: bytes in, replies out.</summary>
internal sealed class Harness : IDisposable
{
    private readonly FuseDispatcher dispatcher;
    private readonly FuseRequest request;
    private ulong lastUnique;

    public Harness(NodeTree tree, ReplySink? sink = null)
    {
        Sink = sink as RecordingSink ?? new RecordingSink();
        Postponed = new PostponedRequests(() => new FuseRequest(1 << 16, sink ?? Sink, sink ?? Sink, Parking, Statistics.NewCounters(), Statistics.NewCounters()));
        dispatcher = new FuseDispatcher(tree, Parking, Postponed, (bug, opcode) => Bugs.Add((opcode, bug)));
        request = new FuseRequest(1 << 20, sink ?? Sink, sink ?? Sink, Parking, Statistics.NewCounters(), Statistics.NewCounters());
    }

    public RecordingSink Sink { get; }

    public ParkedRequests Parking { get; } = new();

    public PostponedRequests Postponed { get; }

    public FuseStatistics Statistics { get; } = new();

    /// <summary>What was agreed on about OPENDIR.</summary>
    public bool FoldersNeedNoOpen { set => dispatcher.FoldersNeedNoOpen = value; }

    public List<(FuseOpcode Opcode, Exception Bug)> Bugs { get; } = [];

    /// <summary>The request object of the one dispatcher thread.</summary>
    public FuseRequest Request => request;

    public void Dispatch(ReadOnlySpan<byte> message) => dispatcher.Dispatch(message, request);

    /// <summary>Sends one request; null: no reply came.</summary>
    public Reply? Ask(FuseOpcode opcode, ulong node, params ReadOnlySpan<object> parts)
    {
        ulong unique = lastUnique += 2;
        Dispatch(RequestBytes.Make(opcode, unique, node, parts));
        if (!Sink.Replies.TryDequeue(out Reply? reply))
            return null;

        Assert.Empty(Sink.Replies);
        Assert.Equal(unique, reply.Unique);
        return reply;
    }

    /// <summary>Sends an INTERRUPT for a request, numbered as the kernel does it: the target's number plus one.</summary>
    public Reply? AskInterrupt(ulong target)
    {
        Dispatch(RequestBytes.Make(FuseOpcode.Interrupt, target | 1, 0, target));
        Reply? reply = Sink.Replies.LastOrDefault();
        if (reply?.Unique != (target | 1))
            return null;

        Sink.Replies.Clear();
        return reply;
    }

    /// <summary>Sends one request that must succeed and returns the payload.</summary>
    public byte[] Must(FuseOpcode opcode, ulong node, params ReadOnlySpan<object> parts)
    {
        Reply? reply = Ask(opcode, node, parts);
        Assert.NotNull(reply);
        Assert.Equal(0, reply.Error);
        return reply.Payload;
    }

    /// <summary>Sends one request that must fail.</summary>
    public void Fails(Errno error, FuseOpcode opcode, ulong node, params ReadOnlySpan<object> parts)
    {
        Reply? reply = Ask(opcode, node, parts);
        Assert.NotNull(reply);
        Assert.Equal(-(int)error, reply.Error);
        Assert.Empty(reply.Payload);
    }

    public void Dispose()
    {
        Postponed.Stop();
        request.Dispose();
    }
}

using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Dispatch;

public sealed class ParkedRequestTests : IDisposable
{
    private readonly ParkingTree tree = new();
    private readonly Harness harness;

    public ParkedRequestTests() => harness = new Harness(tree);

    public void Dispose() => harness.Dispose();

    private ParkedRequest Park(FuseOpcode opcode, params ReadOnlySpan<object> body)
    {
        Assert.Null(harness.Ask(opcode, 9, body));
        return tree.Parked[^1];
    }

    private ParkedRequest ParkRead(uint size) => Park(FuseOpcode.Read, 1UL, 0UL, size, 0u, 0UL, 0u, 0u);

    private Reply OnlyReply()
    {
        Reply reply = Assert.Single(harness.Sink.Replies);
        harness.Sink.Replies.Clear();
        return reply;
    }

    private static void Unexpected(Exception bug, FuseOpcode opcode) => Assert.Fail($"{opcode}: {bug}");

    [Fact]
    public void A_parked_request_is_answered_later_with_its_own_number()
    {
        ParkedRequest first = Park(FuseOpcode.Fsync, 1UL, 0u, 0u);
        ParkedRequest second = Park(FuseOpcode.Fsync, 1UL, 0u, 0u);
        Assert.Equal(2, harness.Parking.Count);
        second.Complete(Errno.ENOSPC);
        Reply reply = OnlyReply();
        Assert.Equal((second.Unique, -(int)Errno.ENOSPC), (reply.Unique, reply.Error));
        first.Complete(Errno.Ok);
        reply = OnlyReply();
        Assert.Equal((first.Unique, 0), (reply.Unique, reply.Error));
        Assert.Equal(0, harness.Parking.Count);
    }

    [Fact]
    public void Each_kind_of_answer_has_its_shape()
    {
        ParkRead(10).CompleteData("hello"u8);
        Assert.Equal("hello"u8.ToArray(), OnlyReply().Payload);
        Park(FuseOpcode.Write, 1UL, 0UL, 3u, 0u, 0UL, 0u, 0u, "abc"u8.ToArray()).CompleteCount(3);
        Assert.Equal(RequestBytes.Bytes(3u, 0u), OnlyReply().Payload);
        Park(FuseOpcode.Open, 0, 0u).CompleteOpen(new OpenReply { Handle = 7, Flags = OpenReplyFlags.Stream });
        Assert.Equal(RequestBytes.Bytes(7UL, 16u, 0u), OnlyReply().Payload);
        Park(FuseOpcode.Poll, 1UL, 2UL, 0u, 1u).CompletePoll(5);
        Assert.Equal(RequestBytes.Bytes(5u, 0u), OnlyReply().Payload);
        Park(FuseOpcode.GetXattr, 0u, 0u, "user.x").CompleteData("12345"u8);
        Assert.Equal(RequestBytes.Bytes(5u, 0u), OnlyReply().Payload);
        Park(FuseOpcode.GetXattr, 4u, 0u, "user.x").CompleteData("12345"u8);
        Assert.Equal(-(int)Errno.ERANGE, OnlyReply().Error);
        Park(FuseOpcode.GetXattr, 5u, 0u, "user.x").CompleteData("12345"u8);
        Assert.Equal("12345"u8.ToArray(), OnlyReply().Payload);
    }

    [Fact]
    public void More_data_than_asked_is_EIO_for_the_client_and_an_exception_for_the_owner()
    {
        ParkedRequest read = ParkRead(3);
        Assert.Throws<ArgumentException>(() => read.CompleteData("hello"u8));
        Assert.Equal(-(int)Errno.EIO, OnlyReply().Error);
    }

    [Fact]
    public void Completing_twice_throws_and_sends_nothing()
    {
        ParkedRequest read = ParkRead(3);
        read.Complete(Errno.Ok);
        OnlyReply();
        Assert.Throws<InvalidOperationException>(() => read.Complete(Errno.Ok));
        Assert.Throws<InvalidOperationException>(() => read.CompleteCount(1));
        Assert.Empty(harness.Sink.Replies);
    }

    [Fact]
    public void An_answer_may_come_before_the_operation_returns()
    {
        tree.CompleteAtOnce = true;
        Reply? reply = harness.Ask(FuseOpcode.Flush, 9, 1UL, 0u, 0u, 0UL);
        Assert.Equal(-(int)Errno.EDQUOT, reply!.Error);
        Assert.Empty(harness.Bugs);
    }

    [Fact]
    public void An_interrupt_reaches_the_owner_once()
    {
        ParkedRequest read = ParkRead(3);
        int calls = 0;
        read.OnInterrupt(r =>
        {
            calls++;
            r.Complete(Errno.EINTR);
        });
        Assert.False(read.Interrupted);
        Assert.Null(harness.AskInterrupt(read.Unique));
        Assert.True(read.Interrupted);
        Assert.Equal(-(int)Errno.EINTR, OnlyReply().Error);
        harness.AskInterrupt(read.Unique);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void A_callback_that_is_set_after_the_interrupt_runs_at_once()
    {
        ParkedRequest read = ParkRead(3);
        harness.AskInterrupt(read.Unique);
        bool ran = false;
        read.OnInterrupt(_ => ran = true);
        Assert.True(ran);
    }

    [Fact]
    public void An_interrupt_that_comes_first_is_asked_for_once_more_and_then_remembered()
    {
        const ulong Unique = 1000;
        Reply? again = harness.AskInterrupt(Unique);
        Assert.Equal(-(int)Errno.EAGAIN, again!.Error);
        Assert.Null(harness.AskInterrupt(Unique));
        harness.Dispatch(RequestBytes.Make(FuseOpcode.Flush, Unique, 9, 1UL, 0u, 0u, 0UL));
        Assert.True(tree.Parked[^1].Interrupted);
    }

    [Fact]
    public void An_interrupt_of_an_answered_request_is_forgotten()
    {
        harness.Sink.Refuse = Errno.ENOENT;
        Reply? again = harness.AskInterrupt(1000);
        Assert.Equal(-(int)Errno.EAGAIN, again!.Error);
        harness.Sink.Refuse = Errno.Ok;
        Assert.Equal(-(int)Errno.EAGAIN, harness.AskInterrupt(1000)!.Error);
    }

    [Fact]
    public void The_end_of_the_mount_answers_everything_that_waits()
    {
        ParkedRequest read = ParkRead(3);
        bool told = false;
        read.OnInterrupt(_ => told = true);
        harness.Parking.Close(Errno.ENODEV, Unexpected);
        Assert.True(told);
        Assert.Equal(-(int)Errno.ENODEV, OnlyReply().Error);
        read.CompleteData("abc"u8);
        Assert.Empty(harness.Sink.Replies);
        Assert.Throws<InvalidOperationException>(() => read.Complete(Errno.Ok));
        Assert.Equal(-(int)Errno.ENODEV, harness.Ask(FuseOpcode.Flush, 9, 1UL, 0u, 0u, 0UL)!.Error);
    }

    [Fact]
    public void An_owner_that_throws_at_the_end_keeps_nobody_waiting()
    {
        ParkRead(3).OnInterrupt(_ => throw new InvalidOperationException("bug"));
        ParkRead(3);
        List<FuseOpcode> reported = [];
        harness.Parking.Close(Errno.ENODEV, (_, opcode) => reported.Add(opcode));
        Assert.Equal(2, harness.Sink.Replies.Count);
        Assert.Equal([FuseOpcode.Interrupt], reported);
    }

    [Fact]
    public void A_tree_that_parks_and_then_fails_gets_one_answer_out_and_is_reported()
    {
        tree.ThrowAfterParking = true;
        Assert.Equal(-(int)Errno.EIO, harness.Ask(FuseOpcode.Flush, 9, 1UL, 0u, 0u, 0UL)!.Error);
        Assert.NotEmpty(harness.Bugs);
        Assert.Equal(0, harness.Parking.Count);
    }

    [Fact]
    public async Task Answers_and_interrupts_from_many_threads_leave_exactly_one_reply_each()
    {
        const int Requests = 2000;
        for (int i = 0; i < Requests; i++)
        {
            ParkRead(3);
        }

        ParkedRequest[] all = [.. tree.Parked];
        Task owner = Task.Run(() => Parallel.ForEach(all, r => r.Complete(Errno.Ok)), TestContext.Current.CancellationToken);
        Task end = Task.Run(() => harness.Parking.Close(Errno.ENODEV, Unexpected), TestContext.Current.CancellationToken);
        await Task.WhenAll(owner, end);
        Assert.Equal(Requests, harness.Sink.Replies.Select(r => r.Unique).Distinct().Count());
        Assert.Equal(Requests, harness.Sink.Replies.Count);
    }

    private sealed class ParkingTree : NodeTree
    {
        public List<ParkedRequest> Parked { get; } = [];

        public bool CompleteAtOnce { get; set; }

        public bool ThrowAfterParking { get; set; }

        private Errno Park(Request request)
        {
            Parked.Add(request.Park());
            if (CompleteAtOnce)
                Parked[^1].Complete(Errno.EDQUOT);
            if (ThrowAfterParking)
                throw new InvalidOperationException("bug");

            return ClawFS.Vfs.Vfs.Parked;
        }

        public override Errno Flush(Request request, ulong node, ulong handle) => Park(request);

        public override Errno Fsync(Request request, ulong node, ulong handle, bool dataOnly) => Park(request);

        public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count)
        {
            count = 0;
            return Park(request);
        }

        public override Errno Write(Request request, ulong node, ulong handle, ulong offset, ReadOnlySpan<byte> data, bool fromCache, bool killSuidGid, out int count)
        {
            count = 0;
            return Park(request);
        }

        public override Errno Open(Request request, ulong node, int flags, bool killSuidGid, out OpenReply reply)
        {
            reply = default;
            return Park(request);
        }

        public override Errno Poll(Request request, ulong node, ulong handle, ulong pollHandle, bool wakeup, uint wanted, out uint ready)
        {
            ready = 0;
            return Park(request);
        }

        public override Errno GetXattr(Request request, ulong node, ReadOnlySpan<byte> name, Span<byte> buffer, out int length)
        {
            length = 0;
            return Park(request);
        }
    }
}

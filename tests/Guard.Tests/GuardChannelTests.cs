using ClawFS.Linux;
using ClawOS.Security.GuardLink;

namespace Guard.Tests;

public sealed class GuardChannelTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Frames_arrive_in_their_order_and_the_end_is_told()
    {
        (SeqPacketSocket a, SeqPacketSocket b) = SeqPacketSocket.CreatePair();
        List<ulong> got = [];
        TaskCompletionSource all = new();
        TaskCompletionSource<string?> ended = new();
        using GuardChannel sender = new(a, "b") { Received = _ => { }, Ended = _ => { } };
        using GuardChannel receiver = new(b, "a") { Received = Take, Ended = ended.SetResult };
        receiver.Start();
        sender.Start();
        for (ulong number = 0; number < 500; number++)
        {
            Assert.True(sender.Send(new AppliedFrame(number, new string('x', 1000))));
        }

        await all.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        sender.Dispose();
        Assert.Null(await ended.Task.WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.Equal(Enumerable.Range(0, 500).Select(static number => (ulong)number), got);

        void Take(GuardFrame frame)
        {
            got.Add(((AppliedFrame)frame).Version);
            if (got.Count == 500)
            {
                all.SetResult();
            }
        }
    }

    [Fact]
    public async Task Garbage_ends_the_channel_and_is_named()
    {
        (SeqPacketSocket a, SeqPacketSocket b) = SeqPacketSocket.CreatePair();
        using SeqPacketSocket peer = a;
        TaskCompletionSource<string?> ended = new();
        using GuardChannel receiver = new(b, "a") { Received = _ => Assert.Fail("a frame of garbage"), Ended = ended.SetResult };
        receiver.Start();
        Assert.True(peer.Send([0x42, 1, 2, 3]));
        Assert.Contains("no such frame", await ended.Task.WaitAsync(Limit, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, peer.Receive(new byte[16]));
    }

    [Fact]
    public void Who_does_not_read_is_given_up_and_nobody_waits_for_him()
    {
        (SeqPacketSocket a, SeqPacketSocket b) = SeqPacketSocket.CreatePair();
        using SeqPacketSocket deaf = b;
        using GuardChannel sender = new(a, "deaf") { Received = _ => { }, Ended = _ => { } };
        sender.Start();
        int sent = 0;
        while (sender.Send(new AppliedFrame((ulong)sent, "")) && sent < 100_000)
        {
            sent++;
        }

        Assert.InRange(sent, 4096, 99_999);
    }
}

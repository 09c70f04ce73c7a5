using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Dispatch;

public sealed class PostponedRequestTests : IDisposable
{
    private readonly WaitingTree tree = new();
    private readonly Harness harness;

    public PostponedRequestTests() => harness = new Harness(tree);

    public void Dispose() => harness.Dispose();

    [Fact]
    public async Task A_request_is_done_again_when_what_it_waits_for_is_there()
    {
        Assert.Null(harness.Ask(FuseOpcode.GetAttr, 9, 0u, 0u, 0UL));
        Assert.Equal((1, 1), (tree.Calls, harness.Parking.Count));
        tree.Ready.SetResult();
        Reply reply = await ReplyAsync();
        Assert.Equal((2UL, 0), (reply.Unique, reply.Error));
        Assert.Equal((2, 0), (tree.Calls, harness.Parking.Count));
        Assert.Empty(harness.Bugs);
    }

    [Fact]
    public async Task It_is_done_again_however_the_waiting_ends_and_may_wait_once_more()
    {
        Assert.Null(harness.Ask(FuseOpcode.GetAttr, 9, 0u, 0u, 0UL));
        TaskCompletionSource first = tree.Ready;
        tree.Ready = new TaskCompletionSource();
        first.SetException(new InvalidOperationException("failed"));
        await UntilAsync(() => tree.Calls == 2);
        Assert.Empty(harness.Sink.Replies);
        tree.Ready.SetCanceled(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await ReplyAsync()).Error);
        Assert.Equal(3, tree.Calls);
    }

    [Fact]
    public async Task An_interrupt_answers_at_once_and_nothing_is_done_again()
    {
        Assert.Null(harness.Ask(FuseOpcode.GetAttr, 9, 0u, 0u, 0UL));
        harness.AskInterrupt(2);
        Assert.Equal(-(int)Errno.EINTR, (await ReplyAsync()).Error);
        tree.Ready.SetResult();
        tree.Ready = new TaskCompletionSource();
        tree.Ready.SetResult();
        Assert.NotNull(harness.Ask(FuseOpcode.GetAttr, 9, 0u, 0u, 0UL));
        Assert.Equal(2, tree.Calls);
    }

    [Fact]
    public async Task The_end_of_the_mount_answers_what_waits()
    {
        Assert.Null(harness.Ask(FuseOpcode.GetAttr, 9, 0u, 0u, 0UL));
        harness.Postponed.Stop();
        harness.Parking.Close(Errno.ENODEV, (bug, _) => Assert.Fail($"{bug}"));
        Assert.Equal(-(int)Errno.EINTR, (await ReplyAsync()).Error);
        tree.Ready.SetResult();
        Assert.Equal(1, tree.Calls);
    }

    [Fact]
    public void A_tree_that_says_again_and_not_after_what_has_a_bug()
    {
        tree.ForgetsToSay = true;
        harness.Fails(Errno.EIO, FuseOpcode.GetAttr, 9, 0u, 0u, 0UL);
        Assert.Single(harness.Bugs);
    }

    private async Task<Reply> ReplyAsync()
    {
        Reply? reply = null;
        await UntilAsync(() => harness.Sink.Replies.TryDequeue(out reply));
        return reply!;
    }

    private static async Task UntilAsync(Func<bool> reached)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (!reached())
        {
            await Task.Delay(1, limit.Token);
        }
    }

    private sealed class WaitingTree : NodeTree
    {
        private int calls;

        public volatile TaskCompletionSource Ready = new();

        public bool ForgetsToSay { get; set; }

        public int Calls => Volatile.Read(ref calls);

        public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds)
        {
            (attr, attrSeconds) = (new Attr { Ino = node }, 0);
            Interlocked.Increment(ref calls);
            return ForgetsToSay ? Vfs.Again : Ready.Task.IsCompleted ? Errno.Ok : request.Await(Ready.Task);
        }
    }
}

using System.Collections.Concurrent;
using ClawFS.Fuse.Device;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;
using static Fuse.Tests.Dispatch.RequestBytes;

namespace Fuse.Tests.Dispatch;

public sealed class NotificationTests : IDisposable
{
    private readonly BlockingSink sink = new();
    private readonly FuseNotifier notifier;

    public NotificationTests() => notifier = new FuseNotifier(sink, (bug, _) => sink.Bugs.Add(bug));

    public void Dispose()
    {
        notifier.Stop();
        sink.Gate.Release(100);
    }

    private byte[] Next()
    {
        sink.Gate.Release();
        Assert.True(sink.Messages.TryTake(out byte[]? message, TimeSpan.FromSeconds(20)));
        return message;
    }

    [Fact]
    public void Each_kind_has_its_code_and_its_shape()
    {
        notifier.InvalidateInode(5, -1, 0);
        notifier.InvalidateInode(5, 10, 20);
        notifier.InvalidateEntry(6, "name"u8);
        notifier.PollWakeup(7);
        notifier.Resend();
        notifier.Start();
        Assert.Equal(Bytes(40u, 2, 0UL, 5UL, -1L, 0L), Next());
        Assert.Equal(Bytes(40u, 2, 0UL, 5UL, 10L, 20L), Next());
        Assert.Equal(Bytes(37u, 3, 0UL, 6UL, 4u, 0u, "name"), Next());
        Assert.Equal(Bytes(24u, 1, 0UL, 7UL), Next());
        Assert.Equal(Bytes(16u, 7, 0UL), Next());
    }

    [Theory]
    [InlineData(Errno.Ok, true, 0)]
    [InlineData(Errno.EINVAL, false, 0)]
    [InlineData(Errno.ENODEV, false, 0)]
    [InlineData(Errno.EPERM, false, 1)]
    public void Having_all_names_asked_again_is_sent_at_once_and_a_kernel_that_cannot_is_no_fault(Errno answer, bool done, int reported)
    {
        sink.Answers.Enqueue(answer);
        sink.Gate.Release();
        Assert.Equal(done, notifier.DropNames());
        Assert.True(sink.Messages.TryTake(out byte[]? message));
        Assert.Equal(Bytes(16u, 8, 0UL), message);
        Assert.Equal(reported, sink.Bugs.Count);
    }

    [Fact]
    public void What_is_queued_already_is_not_queued_twice_but_what_changes_later_is()
    {
        for (int i = 0; i < 1000; i++)
        {
            notifier.InvalidateInode(5, -1, 0);
        }

        notifier.PollWakeup(1);
        notifier.Start();
        Assert.Equal(40, Next().Length);
        Assert.Equal(24, Next().Length);
        notifier.InvalidateInode(5, -1, 0);
        Assert.Equal(40, Next().Length);
    }

    [Fact]
    public void A_refused_notification_is_reported_unless_there_was_nothing_to_drop()
    {
        sink.Answers.Enqueue(Errno.ENOENT);
        sink.Answers.Enqueue(Errno.EINVAL);
        notifier.PollWakeup(1);
        notifier.PollWakeup(2);
        notifier.PollWakeup(3);
        notifier.Start();
        Next();
        Next();
        Next();
        Assert.Single(sink.Bugs);
    }

    /// <summary>Holds each message back until the test lets it through, as a busy kernel would.</summary>
    private sealed class BlockingSink : ReplySink
    {
        public SemaphoreSlim Gate { get; } = new(0);

        public BlockingCollection<byte[]> Messages { get; } = [];

        public ConcurrentQueue<Errno> Answers { get; } = [];

        public ConcurrentBag<Exception> Bugs { get; } = [];

        internal override Errno Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
        {
            Gate.Wait();
            Messages.Add([.. first, .. second]);
            return Answers.TryDequeue(out Errno answer) ? answer : Errno.Ok;
        }
    }
}

using ClawFS.Linux;
using ClawFS.Trees;
using ClawFS.Vfs;
using ClawOS.Cli.Services;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Trees;

namespace Cli.Tests;

/// <summary>What guard asks fs to show, over the channel that they have: this test is guard.</summary>
public sealed class GuardedViewsTests : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef", Other = "ffffffffffffffffffffffffffffffff";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ViewRoots views = new(static _ => { }, static () => 0);
    private readonly GuardSide side = new(static _ => { });
    private readonly Queue<GuardFrame> told = new();
    private GuardChannel guard;

    public GuardedViewsTests()
    {
        _ = new GuardRequests(side, views, new Approvals(1000, FsEventSink.None, new ErrorLog(), static (_, _, _) => false));
        guard = NewGuard();
    }

    [Fact]
    public void Views_open_and_close_and_a_wrong_one_is_answered_with_why()
    {
        Assert.Equal(0U, Open(1, Id, "memory/a"));
        Assert.Equal((uint)Errno.EEXIST, Open(2, Id, "memory/a"));
        Assert.Equal((uint)Errno.EINVAL, Open(3, Other, "sys"));
        Assert.Equal((uint)Errno.EINVAL, Open(4, Other, "policy/active"));
        Assert.Equal(1, views.Count);
        Send(new CloseViewFrame(Other));
        Send(new CloseViewFrame(Id));
        Until(() => views.Count == 0);
        Assert.Equal(0U, Open(5, Id, "memory/b"));
    }

    [Fact]
    public void A_view_that_somebody_else_holds_is_guard_s_only_with_the_same_grants_and_outlives_guard()
    {
        Assert.Null(views.Open(new ViewRequest(Id, [new("memory/a", IsFolder: true)])));
        Assert.Equal((uint)Errno.EEXIST, Open(1, Id, "memory/b"));
        Assert.Equal(0U, Open(2, Id, "memory/a"));
        Assert.Equal(0U, Open(3, Other, "memory/b"));
        guard.Dispose();
        Until(() => views.Count == 1);
        views.Close(Id);
        Assert.Equal(0, views.Count);
    }

    [Fact]
    public void Another_guard_begins_without_views_and_nothing_of_the_earlier_one_stays()
    {
        Assert.Equal(0U, Open(1, Id, "memory/a"));
        GuardChannel earlier = guard;
        guard = NewGuard();
        Assert.Equal(0, views.Count);
        _ = earlier.Send(new OpenViewFrame(2, Other, false, []));
        Assert.Equal(0U, Open(3, Id, "memory/b"));
        Assert.Equal(1, views.Count);
    }

    public void Dispose() => guard.Dispose();

    private static void Until(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, Limit));

    private void Send(GuardFrame frame) => Assert.True(guard.Send(frame));

    private uint Open(uint request, string id, string path)
    {
        Send(new OpenViewFrame(request, id, false, [new ClawOS.Security.GuardLink.ViewGrant(path, GrantAccess.Read, true)]));
        GuardFrame? answer = null;
        Until(() =>
        {
            lock (told)
            {
                return told.TryDequeue(out answer);
            }
        });
        ViewOpenedFrame opened = Assert.IsType<ViewOpenedFrame>(answer);
        Assert.Equal(request, opened.Request);
        return opened.Errno;
    }

    private GuardChannel NewGuard()
    {
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.CreatePair();
        GuardChannel made = new(own, "fs")
        {
            Received = frame =>
            {
                lock (told)
                {
                    told.Enqueue(frame);
                }
            },
            Ended = static _ => { },
        };
        made.Start();
        side.Attach(theirs);
        return made;
    }
}

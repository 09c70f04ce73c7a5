namespace ClawFS.Vfs.Tests;

public sealed class EventBusTests
{
    [Fact]
    public void Every_subscriber_sees_every_event_in_order()
    {
        using EventBus bus = new();
        List<ulong> first = [], second = [];
        using IDisposable a = bus.Subscribe((in FsEvent e) => first.Add(e.Node));
        IDisposable b = bus.Subscribe((in FsEvent e) => second.Add(e.Node));
        for (ulong i = 1; i <= 100; i++)
        {
            bus.Publish(new FsEvent { Node = i });
        }
        bus.Drain(TimeSpan.FromSeconds(10));
        b.Dispose();
        bus.Publish(new FsEvent { Node = 101 });
        bus.Drain(TimeSpan.FromSeconds(10));
        Assert.Equal(Enumerable.Range(1, 101).Select(static i => (ulong)i), first);
        Assert.Equal(100, second.Count);
    }

    [Fact]
    public void Publishing_never_waits_and_the_number_of_lost_events_is_told()
    {
        using EventBus bus = new(capacity: 10);
        using ManualResetEventSlim entered = new(), go = new();
        List<string> seen = [];
        using IDisposable _ = bus.Subscribe(
            (in FsEvent e) =>
            {
                entered.Set();
                go.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
                seen.Add($"{e.Node}");
            },
            lost => seen.Add($"lost {lost}"));
        bus.Publish(new FsEvent { Node = 1 });
        Assert.True(entered.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        for (ulong i = 2; i <= 26; i++)
        {
            bus.Publish(new FsEvent { Node = i });
        }
        go.Set();
        bus.Drain(TimeSpan.FromSeconds(10));
        Assert.Equal(["1", "lost 15", .. Enumerable.Range(17, 10).Select(static i => $"{i}")], seen);
        Assert.Equal((26, 15), (bus.Published, bus.Dropped));
    }

    [Fact]
    public void Disposing_delivers_what_is_left()
    {
        int seen = 0;
        EventBus bus = new();
        bus.Subscribe((in FsEvent _) => seen++);
        for (int i = 0; i < 1000; i++)
        {
            bus.Publish(default);
        }
        bus.Dispose();
        bus.Publish(default);
        Assert.Equal(1000, seen);
    }

    [Fact]
    public void Publishing_allocates_nothing()
    {
        using EventBus bus = new(capacity: 16);
        FsEvent e = new() { Node = 1 };
        bus.Publish(e);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            bus.Publish(e);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}

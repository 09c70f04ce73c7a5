using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class NotifyTests : IDisposable
{
    private const uint Worker = 777;
    private readonly MemoryChannel channel = new();
    private readonly NotifyLink link;
    private readonly Log log = new();
    private readonly Mount mount;
    private string content = "one\n";
    private readonly GeneratedFile file;

    public NotifyTests()
    {
        file = new(() => Encoding.UTF8.GetBytes(content), keep: TimeSpan.Zero);
        mount = new(new GeneratedFolder().Add("events", log).Add("f", file));
        link = new(channel);
        mount.Table.Notify = link;
    }

    public void Dispose()
    {
        link.Dispose();
        channel.Dispose();
    }

    [Fact]
    public void A_change_of_a_node_that_the_kernel_holds_is_sent_to_the_worker()
    {
        Hello();
        file.Changed();
        mount.Lookup("f");
        file.Changed();
        Assert.Equal((1, "f"), channel.Next());
    }

    [Fact]
    public void Many_changes_of_one_path_become_at_most_twenty_a_second()
    {
        Hello();
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.ElapsedMilliseconds < 300)
        {
            link.Touch("events"u8, 1);
        }
        link.Touch("other"u8, 1);
        int events = 0;
        for (string path = channel.Next().Path; path != "other"; path = channel.Next().Path)
        {
            events++;
        }
        Assert.InRange(events, 1, watch.ElapsedMilliseconds / NotifyLink.IntervalMilliseconds + 1);
    }

    [Fact]
    public void A_change_during_the_pause_is_sent_after_it()
    {
        Hello();
        link.Touch("events"u8, 1);
        channel.Next();
        link.Touch("events"u8, 2);
        Assert.Equal((2, "events"), channel.Next());
    }

    [Fact]
    public void More_touches_than_one_frame_takes_follow_in_the_next()
    {
        Hello();
        link.Touch("events"u8, 2 * NotifyLink.MaxTouches + 3);
        Assert.Equal((NotifyLink.MaxTouches, "events"), channel.Next());
        Assert.Equal((NotifyLink.MaxTouches, "events"), channel.Next());
        Assert.Equal((3, "events"), channel.Next());
        Assert.False(channel.TryNext(TimeSpan.FromMilliseconds(2 * NotifyLink.IntervalMilliseconds)));
    }

    [Fact]
    public void Nothing_is_sent_before_the_worker_has_said_who_it_is()
    {
        link.Touch("events"u8, 1);
        Assert.False(channel.TryNext(TimeSpan.FromMilliseconds(NotifyLink.IntervalMilliseconds)));
        Hello();
        Assert.Equal((1, "events"), channel.Next());
    }

    [Fact]
    public void The_worker_is_shown_0666_and_everybody_else_0444()
    {
        Hello();
        Assert.Equal(FileMode.Regular | 0x1B6, mount.Lookup("f", new FakeRequest(pid: Worker)).Attr.Mode);
        Assert.Equal(FileMode.Regular | 0x124, mount.Lookup("f").Attr.Mode);
    }

    [Fact]
    public void The_workers_touch_is_absorbed_and_makes_no_event()
    {
        Hello();
        List<FsEvent> seen = [];
        using EventBus bus = new();
        bus.Subscribe((in FsEvent e) => seen.Add(e));
        mount.Table.Events = bus;
        FakeRequest worker = new(pid: Worker);
        ulong node = mount.Lookup("f", worker).Node;
        ulong handle = mount.Open(node, Mount.WriteOnly, worker);
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "x", 0, out int count));
        Assert.Equal(1, count);
        mount.Close(node, handle);
        bus.Drain(TimeSpan.FromSeconds(10));
        Assert.Empty(seen);
        Assert.Equal("one\n", mount.Cat("f"));
        Assert.Equal(Errno.EACCES, mount.Table.Open(new FakeRequest(), node, Mount.WriteOnly, false, out _));
    }

    [Fact]
    public void A_touch_tells_the_kernel_the_new_length_of_an_open_growing_file()
    {
        Hello();
        ulong open = mount.Lookup("events").Node;
        ulong reader = mount.Open(open, Mount.ReadOnly);
        log.Add("line\n");
        // Nobody reads more than the kernel knows of: tail would take the file for one that was cut off.
        Assert.Equal("", mount.Read(open, reader));
        FakeRequest worker = new(pid: Worker);
        ulong touched = mount.Lookup("events", worker).Node;
        Assert.Equal(open, touched);
        ulong handle = mount.Open(touched, Mount.WriteOnly, worker);
        SetAttr set = new() { Fields = SetAttrFields.Size | SetAttrFields.Handle, Handle = handle, Size = 0 };
        Assert.Equal(Errno.Ok, mount.Table.SetAttr(worker, touched, set, out Attr attr, out _));
        Assert.Equal(5u, attr.Size);
        Assert.Equal("line\n", mount.Read(open, reader));
    }

    [Fact]
    public void A_touch_leaves_the_size_of_a_pinned_file_as_it_was_opened()
    {
        Hello();
        ulong node = mount.Lookup("f").Node;
        content = "two and more\n";
        FakeRequest worker = new(pid: Worker);
        Assert.Equal(node, mount.Lookup("f", worker).Node);
        SetAttr set = new() { Fields = SetAttrFields.Size, Size = 0 };
        mount.Table.SetAttr(worker, node, set, out Attr attr, out _);
        Assert.Equal(4u, attr.Size);
    }

    [Fact]
    public void Every_inode_that_the_kernel_holds_gets_its_touch()
    {
        Hello();
        HashSet<ulong> held = [];
        for (int i = 0; i < 3; i++)
        {
            content += "more\n";
            held.Add(mount.Lookup("f").Node);
        }
        file.Changed();
        Assert.Equal((3, "f"), channel.Next());
        HashSet<ulong> touched = [];
        FakeRequest worker = new(pid: Worker);
        for (int i = 0; i < 3; i++)
        {
            ulong node = mount.Lookup("f", worker).Node;
            touched.Add(node);
            mount.Table.SetAttr(worker, node, new SetAttr { Fields = SetAttrFields.Size }, out _, out _);
        }
        Assert.Equal(held, touched);
    }

    [Fact]
    public void A_reader_who_comes_between_a_change_and_its_touch_does_not_take_the_touch_of_a_watcher()
    {
        Hello();
        ulong watched = mount.Lookup("f").Node;
        content += "more\n";
        file.Changed();
        Assert.Equal((1, "f"), channel.Next());
        ulong reader = mount.Lookup("f").Node;
        Assert.NotEqual(watched, reader);
        Assert.Equal(watched, mount.Lookup("f", new FakeRequest(pid: Worker)).Node);
    }

    [Fact]
    public void A_worker_that_is_gone_is_nobody()
    {
        Hello();
        channel.Hang();
        Assert.True(SpinWait.SpinUntil(() => link.WorkerThread == 0, TimeSpan.FromSeconds(10)));
        Assert.Equal(FileMode.Regular | 0x124, mount.Lookup("f", new FakeRequest(pid: Worker)).Attr.Mode);
    }

    [Fact]
    public void A_growing_file_shows_its_length_of_the_moment_and_reads_on()
    {
        log.Add("one\n");
        Entry first = mount.Lookup("events");
        ulong handle = mount.Open(first.Node, Mount.ReadOnly);
        Assert.Equal("one\n", mount.Read(first.Node, handle));
        log.Add("two\n");
        Assert.Equal("two\n", mount.Read(first.Node, handle, 4));
        Assert.Equal(8u, mount.Lookup("events").Attr.Size);
        Assert.Equal(Errno.EACCES, mount.Table.Open(new FakeRequest(), first.Node, Mount.WriteOnly, false, out _));
    }

    private void Hello()
    {
        channel.FromWorker.Add(BitConverter.GetBytes(Worker));
        Assert.True(SpinWait.SpinUntil(() => link.WorkerThread == Worker, TimeSpan.FromSeconds(10)));
    }

    private sealed class Log : GrowingFile
    {
        private readonly List<byte> bytes = [];
        private Timestamp modified = Timestamp.Now;

        public void Add(string line)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(line));
            modified = Timestamp.Now;
        }

        protected internal override ulong Length => (ulong)bytes.Count;
        protected override Timestamp ModifiedAt => modified;

        protected internal override Errno ReadAt(ulong offset, Span<byte> buffer, out int count)
        {
            count = PinnedFile.Copy(bytes.ToArray(), offset, buffer);
            return Errno.Ok;
        }
    }

    private sealed class MemoryChannel : MessageChannel
    {
        private readonly BlockingCollection<byte[]> toWorker = [];

        public BlockingCollection<byte[]> FromWorker { get; } = [];

        public (int Times, string Path) Next()
        {
            Assert.True(toWorker.TryTake(out byte[]? frame, TimeSpan.FromSeconds(10)));
            return (frame[0], Encoding.UTF8.GetString(frame.AsSpan(1)));
        }

        public bool TryNext(TimeSpan limit) => toWorker.TryTake(out _, limit);

        public void Hang() => FromWorker.CompleteAdding();

        public override bool Send(ReadOnlySpan<byte> message)
        {
            toWorker.Add(message.ToArray());
            return true;
        }

        public override int Receive(Span<byte> buffer)
        {
            if (!FromWorker.TryTake(out byte[]? message, Timeout.Infinite))
            {
                return 0;
            }
            message.CopyTo(buffer);
            return message.Length;
        }

        protected override void Dispose(bool disposing) => Hang();
    }
}

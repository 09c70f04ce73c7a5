using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class NotifyTests : IDisposable
{
    private const uint Worker = 777;
    private readonly MemoryChannel _channel = new();
    private readonly NotifyLink _link;
    private readonly Log _log = new();
    private readonly Mount _mount;
    private string _content = "one\n";
    private readonly GeneratedFile _file;

    public NotifyTests()
    {
        _file = new(() => Encoding.UTF8.GetBytes(_content), keep: TimeSpan.Zero);
        _mount = new(new GeneratedFolder().Add("events", _log).Add("f", _file));
        _link = new(_channel);
        _mount.Table.Notify = _link;
    }

    public void Dispose()
    {
        _link.Dispose();
        _channel.Dispose();
    }

    [Fact]
    public void A_change_of_a_node_that_the_kernel_holds_is_sent_to_the_worker()
    {
        _file.Changed();
        _mount.Lookup("f");
        _file.Changed();
        Assert.Equal((1, "f"), _channel.Next());
    }

    [Fact]
    public void Many_changes_of_one_path_become_at_most_twenty_a_second()
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.ElapsedMilliseconds < 300)
        {
            _link.Touch("events"u8, 1);
        }
        _link.Touch("other"u8, 1);
        int events = 0;
        for (string path = _channel.Next().Path; path != "other"; path = _channel.Next().Path)
        {
            events++;
        }
        Assert.InRange(events, 1, watch.ElapsedMilliseconds / NotifyLink.IntervalMilliseconds + 1);
    }

    [Fact]
    public void A_change_during_the_pause_is_sent_after_it()
    {
        _link.Touch("events"u8, 1);
        _channel.Next();
        _link.Touch("events"u8, 2);
        Assert.Equal((2, "events"), _channel.Next());
    }

    [Fact]
    public void The_worker_is_shown_0666_and_everybody_else_0444()
    {
        Hello();
        Assert.Equal(FileMode.Regular | 0x1B6, _mount.Lookup("f", new FakeRequest(pid: Worker)).Attr.Mode);
        Assert.Equal(FileMode.Regular | 0x124, _mount.Lookup("f").Attr.Mode);
    }

    [Fact]
    public void The_workers_touch_is_absorbed_and_makes_no_event()
    {
        Hello();
        List<FsEvent> seen = [];
        using EventBus bus = new();
        bus.Subscribe((in FsEvent e) => seen.Add(e));
        _mount.Table.Events = bus;
        FakeRequest worker = new(pid: Worker);
        ulong node = _mount.Lookup("f", worker).Node;
        ulong handle = _mount.Open(node, Mount.WriteOnly, worker);
        Assert.Equal(Errno.Ok, _mount.Write(node, handle, "x", 0, out int count));
        Assert.Equal(1, count);
        _mount.Close(node, handle);
        bus.Drain(TimeSpan.FromSeconds(10));
        Assert.Empty(seen);
        Assert.Equal("one\n", _mount.Cat("f"));
        Assert.Equal(Errno.EACCES, _mount.Table.Open(new FakeRequest(), node, Mount.WriteOnly, false, out _));
    }

    [Fact]
    public void A_touch_tells_the_kernel_the_new_length_of_an_open_growing_file()
    {
        Hello();
        ulong open = _mount.Lookup("events").Node;
        ulong reader = _mount.Open(open, Mount.ReadOnly);
        _log.Add("line\n");
        FakeRequest worker = new(pid: Worker);
        ulong touched = _mount.Lookup("events", worker).Node;
        Assert.Equal(open, touched);
        ulong handle = _mount.Open(touched, Mount.WriteOnly, worker);
        SetAttr set = new() { Fields = SetAttrFields.Size | SetAttrFields.Handle, Handle = handle, Size = 0 };
        Assert.Equal(Errno.Ok, _mount.Table.SetAttr(worker, touched, set, out Attr attr, out _));
        Assert.Equal(5u, attr.Size);
        Assert.Equal("line\n", _mount.Read(open, reader));
    }

    [Fact]
    public void A_touch_leaves_the_size_of_a_pinned_file_as_it_was_opened()
    {
        Hello();
        ulong node = _mount.Lookup("f").Node;
        _content = "two and more\n";
        FakeRequest worker = new(pid: Worker);
        Assert.Equal(node, _mount.Lookup("f", worker).Node);
        SetAttr set = new() { Fields = SetAttrFields.Size, Size = 0 };
        _mount.Table.SetAttr(worker, node, set, out Attr attr, out _);
        Assert.Equal(4u, attr.Size);
    }

    [Fact]
    public void Every_inode_that_the_kernel_holds_gets_its_touch()
    {
        Hello();
        HashSet<ulong> held = [];
        for (int i = 0; i < 3; i++)
        {
            _content += "more\n";
            held.Add(_mount.Lookup("f").Node);
        }
        _file.Changed();
        Assert.Equal((3, "f"), _channel.Next());
        HashSet<ulong> touched = [];
        FakeRequest worker = new(pid: Worker);
        for (int i = 0; i < 3; i++)
        {
            ulong node = _mount.Lookup("f", worker).Node;
            touched.Add(node);
            _mount.Table.SetAttr(worker, node, new SetAttr { Fields = SetAttrFields.Size }, out _, out _);
        }
        Assert.Equal(held, touched);
    }

    [Fact]
    public void A_worker_that_is_gone_is_nobody()
    {
        Hello();
        _channel.Hang();
        Assert.True(SpinWait.SpinUntil(() => _link.WorkerThread == 0, TimeSpan.FromSeconds(10)));
        Assert.Equal(FileMode.Regular | 0x124, _mount.Lookup("f", new FakeRequest(pid: Worker)).Attr.Mode);
    }

    [Fact]
    public void A_growing_file_shows_its_length_of_the_moment_and_reads_on()
    {
        _log.Add("one\n");
        Entry first = _mount.Lookup("events");
        ulong handle = _mount.Open(first.Node, Mount.ReadOnly);
        Assert.Equal("one\n", _mount.Read(first.Node, handle));
        _log.Add("two\n");
        Assert.Equal("two\n", _mount.Read(first.Node, handle, 4));
        Assert.Equal(8u, _mount.Lookup("events").Attr.Size);
        Assert.Equal(Errno.EACCES, _mount.Table.Open(new FakeRequest(), first.Node, Mount.WriteOnly, false, out _));
    }

    private void Hello()
    {
        _channel.FromWorker.Add(BitConverter.GetBytes(Worker));
        Assert.True(SpinWait.SpinUntil(() => _link.WorkerThread == Worker, TimeSpan.FromSeconds(10)));
    }

    private sealed class Log : GrowingFile
    {
        private readonly List<byte> _bytes = [];
        private Timestamp _modified = Timestamp.Now;

        public void Add(string line)
        {
            _bytes.AddRange(Encoding.UTF8.GetBytes(line));
            _modified = Timestamp.Now;
        }

        protected internal override ulong Length => (ulong)_bytes.Count;
        protected override Timestamp ModifiedAt => _modified;

        protected internal override Errno ReadAt(ulong offset, Span<byte> buffer, out int count)
        {
            count = PinnedFile.Copy(_bytes.ToArray(), offset, buffer);
            return Errno.Ok;
        }
    }

    private sealed class MemoryChannel : MessageChannel
    {
        private readonly BlockingCollection<byte[]> _toWorker = [];

        public BlockingCollection<byte[]> FromWorker { get; } = [];

        public (int Times, string Path) Next()
        {
            Assert.True(_toWorker.TryTake(out byte[]? frame, TimeSpan.FromSeconds(10)));
            return (frame[0], Encoding.UTF8.GetString(frame.AsSpan(1)));
        }

        public void Hang() => FromWorker.CompleteAdding();

        public override bool Send(ReadOnlySpan<byte> message)
        {
            _toWorker.Add(message.ToArray());
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

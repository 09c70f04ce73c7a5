using System.Diagnostics;
using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class ChannelTests
{
    private readonly FakeService _service = new();
    private readonly Channel _channel;
    private readonly Mount _mount;
    private readonly ulong _node;

    public ChannelTests()
    {
        _channel = new(_service);
        _mount = new(new GeneratedFolder()
            .Add("echo", _channel)
            .Add("ask", new Channel(_service, ChannelFraming.Message))
            .Add("README", GeneratedFile.OfText(() => "hello\n")));
        _node = _mount.Lookup("echo").Node;
    }

    [Fact]
    public void A_bare_read_is_the_end_of_the_file_at_once()
    {
        ulong handle = _mount.Open(_node, Mount.ReadOnly);
        Assert.Equal("", _mount.Read(_node, handle));
        Assert.Equal(0u, _mount.Lookup("echo").Attr.Size);
    }

    [Fact]
    public void A_request_is_answered_on_the_same_descriptor_and_then_it_ends()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        Assert.Equal(Errno.Ok, _mount.Write(_node, handle, "hi\n"));
        _service.Last.Append("HI\n"u8);
        _service.Last.Complete();
        Assert.Equal("HI\n", _mount.Read(_node, handle));
        Assert.Equal("", _mount.Read(_node, handle));
    }

    [Fact]
    public void A_read_parks_until_the_answer_comes_and_streams_its_parts()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        _mount.Write(_node, handle, "hi\n");
        FakeParked first = ParkRead(_node, handle);
        Assert.False(first.IsCompleted);
        _service.Last.Append("part 1"u8);
        Assert.Equal("part 1", Text(first));
        FakeParked second = ParkRead(_node, handle);
        _service.Last.Append("part 2"u8);
        Assert.Equal("part 2", Text(second));
        FakeParked third = ParkRead(_node, handle);
        _service.Last.Complete();
        Assert.Equal("", Text(third));
    }

    [Fact]
    public void Two_clients_never_mix()
    {
        ulong a = _mount.Open(_node, Mount.ReadWrite);
        ulong b = _mount.Open(_node, Mount.ReadWrite);
        _mount.Write(_node, a, "a\n");
        ChannelExchange forA = _service.Last;
        _mount.Write(_node, b, "b\n");
        ChannelExchange forB = _service.Last;
        Answer(forB, "for b");
        Answer(forA, "for a");
        Assert.Equal("for a", _mount.Read(_node, a));
        Assert.Equal("for b", _mount.Read(_node, b));
    }

    [Fact]
    public void Several_lines_are_several_requests_and_answers_come_in_their_order()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        _mount.Write(_node, handle, "1\n\n2\n3");
        Assert.Equal(["1", "2"], _service.Texts);
        FakeParked read = ParkRead(_node, handle);
        Assert.Equal(["1", "2", "3"], _service.Texts);
        Answer(_service.Exchanges[2], "three\n");
        Answer(_service.Exchanges[1], "two\n");
        Assert.False(read.IsCompleted);
        Answer(_service.Exchanges[0], "one\n");
        Assert.Equal("one\ntwo\nthree\n", Text(read) + _mount.Read(_node, handle) + _mount.Read(_node, handle));
    }

    [Fact]
    public void A_message_holds_newlines_and_ends_with_the_first_read()
    {
        ulong ask = _mount.Lookup("ask").Node;
        ulong handle = _mount.Open(ask, Mount.ReadWrite);
        _mount.Write(ask, handle, "line 1\n");
        _mount.Write(ask, handle, "line 2\n");
        Assert.Empty(_service.Texts);
        FakeParked read = ParkRead(ask, handle);
        Assert.Equal(["line 1\nline 2\n"], _service.Texts);
        Answer(_service.Last, "ok");
        Assert.Equal("ok", Text(read));
        Assert.Equal(Errno.EINVAL, _mount.Table.Open(new FakeRequest(), ask, Mount.WriteOnly, false, out _));
    }

    [Fact]
    public void A_service_that_is_down_is_ehostdown_at_once()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        _mount.Write(_node, handle, "hi\n");
        FakeParked read = ParkRead(_node, handle);
        _service.Up = false;
        _channel.ServiceDown();
        Assert.Equal(Errno.EHOSTDOWN, read.Answer().Error);
        Assert.Equal(Errno.EHOSTDOWN, _mount.Write(_node, handle, "again\n"));
        Assert.Equal("", _mount.Read(_node, handle));
    }

    [Fact]
    public void A_failed_answer_gives_its_bytes_and_then_its_error_once()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        _mount.Write(_node, handle, "hi\n");
        _service.Last.Append("half"u8);
        _service.Last.Fail(Errno.EREMOTEIO);
        Assert.Equal("half", _mount.Read(_node, handle));
        Assert.Equal(Errno.EREMOTEIO, _mount.Table.Read(new FakeRequest(), _node, handle, 0, new byte[10], out _));
        Assert.Equal("", _mount.Read(_node, handle));
    }

    [Fact]
    public void An_interrupted_read_is_eintr_and_the_answer_waits_for_the_next()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        _mount.Write(_node, handle, "hi\n");
        FakeParked read = ParkRead(_node, handle);
        read.Interrupt();
        Assert.Equal(Errno.EINTR, read.Answer().Error);
        Answer(_service.Last, "late");
        Assert.Equal("late", _mount.Read(_node, handle));
    }

    [Fact]
    public void Closing_abandons_the_request_and_answers_to_it_go_nowhere()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        _mount.Write(_node, handle, "hi\n");
        int abandoned = 0;
        _service.Last.OnAbandoned(() => abandoned++);
        _mount.Close(_node, handle);
        Assert.Equal(1, abandoned);
        Assert.False(_service.Last.Append("x"u8));
        _service.Last.Complete();
        _service.Last.OnAbandoned(() => abandoned++);
        Assert.Equal(2, abandoned);
        Assert.Equal(0, _channel.OpenFiles);
    }

    [Fact]
    public void What_a_write_only_descriptor_asked_for_still_happens()
    {
        ulong handle = _mount.Open(_node, Mount.WriteOnly | Mount.Truncate);
        Assert.Equal(Errno.Ok, _mount.Write(_node, handle, "lock\n"));
        _mount.Close(_node, handle);
        Assert.False(_service.Last.IsAbandoned);
    }

    [Fact]
    public void A_non_blocking_read_is_eagain_and_poll_tells_when_to_come_back()
    {
        RecordingCache kernel = new();
        _mount.Table.Kernel = kernel;
        ulong handle = _mount.Open(_node, Mount.ReadWrite | Mount.NonBlocking);
        _mount.Write(_node, handle, "hi\n");
        Assert.Equal(Errno.EAGAIN, _mount.Table.Read(new FakeRequest(), _node, handle, 0, new byte[10], out _));
        _mount.Table.Poll(new FakeRequest(), _node, handle, 55, true, 0x1, out uint ready);
        Assert.Equal(0x104u, ready);
        Answer(_service.Last, "x");
        Assert.Equal([55ul], kernel.Woken);
        _mount.Table.Poll(new FakeRequest(), _node, handle, 55, false, 0x1, out ready);
        Assert.Equal(0x145u, ready);
    }

    [Fact]
    public void A_service_may_refuse_and_too_long_a_request_is_efbig()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        _service.Refusal = Errno.EACCES;
        Assert.Equal(Errno.EACCES, _mount.Write(_node, handle, "hi\n"));
        Assert.Equal("", _mount.Read(_node, handle));
        Assert.Equal(Errno.EFBIG, _mount.Write(_node, handle, new string('x', 1024 * 1024 + 1)));
    }

    [Fact]
    public void A_client_that_does_not_read_is_cut_off()
    {
        ulong handle = _mount.Open(_node, Mount.ReadWrite);
        _mount.Write(_node, handle, "hi\n");
        byte[] part = new byte[1024 * 1024];
        int taken = 0;
        while (_service.Last.Append(part))
        {
            taken++;
        }
        Assert.Equal(ChannelExchange.MaxUnread / part.Length, taken);
    }

    [Fact]
    public void A_thousand_requests_stay_pending_at_a_stopped_service_while_ls_and_cat_complete()
    {
        List<(ulong Handle, FakeParked Read)> pending = [];
        for (int i = 0; i < 1000; i++)
        {
            ulong handle = _mount.Open(_node, Mount.ReadWrite);
            Assert.Equal(Errno.Ok, _mount.Write(_node, handle, $"request {i}\n"));
            pending.Add((handle, ParkRead(_node, handle)));
        }
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal([".", "..", "echo", "ask", "README"], _mount.List(Vfs.RootNode));
        Assert.Equal("hello\n", _mount.Cat("README"));
        Assert.True(watch.ElapsedMilliseconds < 1000);
        Assert.All(pending, static p => Assert.False(p.Read.IsCompleted));
        Assert.Equal(1000, _channel.OpenFiles);
        foreach (ChannelExchange exchange in _service.Exchanges)
        {
            Answer(exchange, Encoding.UTF8.GetString(exchange.Bytes.Span));
        }
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal($"request {i}", Text(pending[i].Read));
            _mount.Close(_node, pending[i].Handle);
        }
        Assert.Equal(0, _channel.OpenFiles);
    }

    [Fact]
    public async Task Answers_interrupts_and_closes_that_race_complete_every_read_once()
    {
        for (int i = 0; i < 500; i++)
        {
            ulong handle = _mount.Open(_node, Mount.ReadWrite);
            _mount.Write(_node, handle, "hi\n");
            ChannelExchange exchange = _service.Last;
            FakeParked read = ParkRead(_node, handle);
            CancellationToken stop = TestContext.Current.CancellationToken;
            await Task.WhenAll(Task.Run(() => Answer(exchange, "x"), stop), Task.Run(read.Interrupt, stop));
            (Errno error, byte[] data) = read.Answer();
            string rest = _mount.Read(_node, handle);
            Assert.Equal("x", error == Errno.Ok ? Encoding.UTF8.GetString(data) + rest : rest);
            _mount.Close(_node, handle);
        }
    }

    private FakeParked ParkRead(ulong node, ulong handle)
    {
        FakeRequest request = new();
        Assert.Equal(Vfs.Parked, _mount.Table.Read(request, node, handle, 0, new byte[4096], out _));
        return request.Parked!;
    }

    private static string Text(FakeParked read)
    {
        (Errno error, byte[] data) = read.Answer();
        Assert.Equal(Errno.Ok, error);
        return Encoding.UTF8.GetString(data);
    }

    private static void Answer(ChannelExchange exchange, string text)
    {
        exchange.Append(Encoding.UTF8.GetBytes(text));
        exchange.Complete();
    }

    private sealed class FakeService : ChannelService
    {
        public bool Up { get; set; } = true;
        public Errno Refusal { get; set; }
        public List<ChannelExchange> Exchanges { get; } = [];
        public ChannelExchange Last => Exchanges[^1];
        public IEnumerable<string> Texts => Exchanges.Select(static exchange => Encoding.UTF8.GetString(exchange.Bytes.Span));
        public override bool IsUp => Up;

        public override Errno Submit(ChannelExchange exchange)
        {
            if (Refusal == Errno.Ok)
            {
                Exchanges.Add(exchange);
            }
            return Refusal;
        }
    }

    private sealed class RecordingCache : KernelCache
    {
        public List<ulong> Woken { get; } = [];
        public override void InvalidateInode(ulong node, long offset, long length) { }
        public override void InvalidateEntry(ulong parent, ReadOnlySpan<byte> name) { }
        public override void PollWakeup(ulong pollHandle) => Woken.Add(pollHandle);
    }
}

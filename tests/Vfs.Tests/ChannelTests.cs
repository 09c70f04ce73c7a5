using System.Diagnostics;
using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class ChannelTests
{
    private readonly FakeService service = new();
    private readonly Channel channel;
    private readonly Mount mount;
    private readonly ulong node;

    public ChannelTests()
    {
        channel = new(service);
        mount = new(new GeneratedFolder()
            .Add("echo", channel)
            .Add("ask", new Channel(service, ChannelFraming.Message))
            .Add("README", GeneratedFile.OfText(() => "hello\n")));
        node = mount.Lookup("echo").Node;
    }

    [Fact]
    public void A_bare_read_is_the_end_of_the_file_at_once()
    {
        ulong handle = mount.Open(node, Mount.ReadOnly);
        Assert.Equal("", mount.Read(node, handle));
        Assert.Equal(0u, mount.Lookup("echo").Attr.Size);
    }

    [Fact]
    public void A_request_is_answered_on_the_same_descriptor_and_then_it_ends()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "hi\n"));
        service.Last.Append("HI\n"u8);
        service.Last.Complete();
        Assert.Equal("HI\n", mount.Read(node, handle));
        Assert.Equal("", mount.Read(node, handle));
    }

    [Fact]
    public void A_read_parks_until_the_answer_comes_and_streams_its_parts()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        mount.Write(node, handle, "hi\n");
        FakeParked first = ParkRead(node, handle);
        Assert.False(first.IsCompleted);
        service.Last.Append("part 1"u8);
        Assert.Equal("part 1", Text(first));
        FakeParked second = ParkRead(node, handle);
        service.Last.Append("part 2"u8);
        Assert.Equal("part 2", Text(second));
        FakeParked third = ParkRead(node, handle);
        service.Last.Complete();
        Assert.Equal("", Text(third));
    }

    [Fact]
    public void Two_clients_never_mix()
    {
        ulong a = mount.Open(node, Mount.ReadWrite);
        ulong b = mount.Open(node, Mount.ReadWrite);
        mount.Write(node, a, "a\n");
        ChannelExchange forA = service.Last;
        mount.Write(node, b, "b\n");
        ChannelExchange forB = service.Last;
        Answer(forB, "for b");
        Answer(forA, "for a");
        Assert.Equal("for a", mount.Read(node, a));
        Assert.Equal("for b", mount.Read(node, b));
    }

    [Fact]
    public void Several_lines_are_several_requests_and_answers_come_in_their_order()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        mount.Write(node, handle, "1\n\n2\n3");
        Assert.Equal(["1", "2"], service.Texts);
        FakeParked read = ParkRead(node, handle);
        Assert.Equal(["1", "2", "3"], service.Texts);
        Answer(service.Exchanges[2], "three\n");
        Answer(service.Exchanges[1], "two\n");
        Assert.False(read.IsCompleted);
        Answer(service.Exchanges[0], "one\n");
        Assert.Equal("one\ntwo\nthree\n", Text(read) + mount.Read(node, handle) + mount.Read(node, handle));
    }

    [Fact]
    public void A_message_holds_newlines_and_ends_with_the_first_read()
    {
        ulong ask = mount.Lookup("ask").Node;
        ulong handle = mount.Open(ask, Mount.ReadWrite);
        mount.Write(ask, handle, "line 1\n");
        mount.Write(ask, handle, "line 2\n");
        Assert.Empty(service.Texts);
        FakeParked read = ParkRead(ask, handle);
        Assert.Equal(["line 1\nline 2\n"], service.Texts);
        Answer(service.Last, "ok");
        Assert.Equal("ok", Text(read));
        Assert.Equal(Errno.EINVAL, mount.Table.Open(new FakeRequest(), ask, Mount.WriteOnly, false, out _));
    }

    [Fact]
    public void A_service_that_is_down_is_ehostdown_at_once()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        mount.Write(node, handle, "hi\n");
        FakeParked read = ParkRead(node, handle);
        service.Up = false;
        channel.ServiceDown();
        Assert.Equal(Errno.EHOSTDOWN, read.Answer().Error);
        Assert.Equal(Errno.EHOSTDOWN, mount.Write(node, handle, "again\n"));
        Assert.Equal("", mount.Read(node, handle));
    }

    [Fact]
    public void A_failed_answer_gives_its_bytes_and_then_its_error_once()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        mount.Write(node, handle, "hi\n");
        service.Last.Append("half"u8);
        service.Last.Fail(Errno.EREMOTEIO);
        Assert.Equal("half", mount.Read(node, handle));
        Assert.Equal(Errno.EREMOTEIO, mount.Table.Read(new FakeRequest(), node, handle, 0, new byte[10], out _));
        Assert.Equal("", mount.Read(node, handle));
    }

    [Fact]
    public void An_interrupted_read_is_eintr_and_the_answer_waits_for_the_next()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        mount.Write(node, handle, "hi\n");
        FakeParked read = ParkRead(node, handle);
        read.Interrupt();
        Assert.Equal(Errno.EINTR, read.Answer().Error);
        Answer(service.Last, "late");
        Assert.Equal("late", mount.Read(node, handle));
    }

    [Fact]
    public void Closing_abandons_the_request_and_answers_to_it_go_nowhere()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        mount.Write(node, handle, "hi\n");
        int abandoned = 0;
        service.Last.OnAbandoned(() => abandoned++);
        mount.Close(node, handle);
        Assert.Equal(1, abandoned);
        Assert.False(service.Last.Append("x"u8));
        service.Last.Complete();
        service.Last.OnAbandoned(() => abandoned++);
        Assert.Equal(2, abandoned);
        Assert.Equal(0, channel.OpenFiles);
    }

    [Fact]
    public void What_a_write_only_descriptor_asked_for_still_happens()
    {
        ulong handle = mount.Open(node, Mount.WriteOnly | Mount.Truncate);
        Assert.Equal(Errno.Ok, mount.Write(node, handle, "lock\n"));
        mount.Close(node, handle);
        Assert.False(service.Last.IsAbandoned);
    }

    [Fact]
    public void A_non_blocking_read_is_eagain_and_poll_tells_when_to_come_back()
    {
        RecordingCache kernel = new();
        mount.Table.Kernel = kernel;
        ulong handle = mount.Open(node, Mount.ReadWrite | Mount.NonBlocking);
        mount.Write(node, handle, "hi\n");
        Assert.Equal(Errno.EAGAIN, mount.Table.Read(new FakeRequest(), node, handle, 0, new byte[10], out _));
        mount.Table.Poll(new FakeRequest(), node, handle, 55, true, 0x1, out uint ready);
        Assert.Equal(0x104u, ready);
        Answer(service.Last, "x");
        Assert.Equal([55ul], kernel.Woken);
        mount.Table.Poll(new FakeRequest(), node, handle, 55, false, 0x1, out ready);
        Assert.Equal(0x145u, ready);
    }

    [Fact]
    public void A_service_may_refuse_and_too_long_a_request_is_efbig()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        service.Refusal = Errno.EACCES;
        Assert.Equal(Errno.EACCES, mount.Write(node, handle, "hi\n"));
        Assert.Equal("", mount.Read(node, handle));
        Assert.Equal(Errno.EFBIG, mount.Write(node, handle, new string('x', 1024 * 1024 + 1)));
    }

    [Fact]
    public void A_client_that_does_not_read_is_cut_off()
    {
        ulong handle = mount.Open(node, Mount.ReadWrite);
        mount.Write(node, handle, "hi\n");
        byte[] part = new byte[1024 * 1024];
        int taken = 0;
        while (service.Last.Append(part))
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
            ulong handle = mount.Open(node, Mount.ReadWrite);
            Assert.Equal(Errno.Ok, mount.Write(node, handle, $"request {i}\n"));
            pending.Add((handle, ParkRead(node, handle)));
        }
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal([".", "..", "README", "ask", "echo"], mount.List(Vfs.RootNode));
        Assert.Equal("hello\n", mount.Cat("README"));
        Assert.True(watch.ElapsedMilliseconds < 1000);
        Assert.All(pending, static p => Assert.False(p.Read.IsCompleted));
        Assert.Equal(1000, channel.OpenFiles);
        foreach (ChannelExchange exchange in service.Exchanges)
        {
            Answer(exchange, Encoding.UTF8.GetString(exchange.Bytes.Span));
        }
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal($"request {i}", Text(pending[i].Read));
            mount.Close(node, pending[i].Handle);
        }
        Assert.Equal(0, channel.OpenFiles);
    }

    [Fact]
    public async Task Answers_interrupts_and_closes_that_race_complete_every_read_once()
    {
        for (int i = 0; i < 500; i++)
        {
            ulong handle = mount.Open(node, Mount.ReadWrite);
            mount.Write(node, handle, "hi\n");
            ChannelExchange exchange = service.Last;
            FakeParked read = ParkRead(node, handle);
            CancellationToken stop = TestContext.Current.CancellationToken;
            await Task.WhenAll(Task.Run(() => Answer(exchange, "x"), stop), Task.Run(read.Interrupt, stop));
            (Errno error, byte[] data) = read.Answer();
            string rest = mount.Read(node, handle);
            Assert.Equal("x", error == Errno.Ok ? Encoding.UTF8.GetString(data) + rest : rest);
            mount.Close(node, handle);
        }
    }

    private FakeParked ParkRead(ulong node, ulong handle)
    {
        FakeRequest request = new();
        Assert.Equal(Vfs.Parked, mount.Table.Read(request, node, handle, 0, new byte[4096], out _));
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
        public override void WriteBack(ulong node, Action done) => done();
        public override bool Holds(ulong node) => false;
        public override bool DropNames() => false;
        public override void PollWakeup(ulong pollHandle) => Woken.Add(pollHandle);
    }
}

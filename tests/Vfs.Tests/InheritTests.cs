using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

/// <summary>A second table takes over the mount of a first one that is gone; the kernel holds what it holds.</summary>
public sealed class InheritTests
{
    private string content = "one\n";
    private string log = "";
    private readonly Mount dead;
    private readonly HashSet<ulong> held = [];

    public InheritTests()
    {
        dead = new(Tree());
    }

    [Fact]
    public void Ids_that_the_kernel_holds_go_on_and_new_readers_get_others()
    {
        for (int i = 0; i < 5; i++)
        {
            Change(dead);
            held.Add(dead.Lookup("f").Node);
        }
        Assert.Equal(5, held.Count);
        Mount successor = TakeOver();
        foreach (ulong id in held)
        {
            Assert.Equal(Errno.Ok, successor.Table.GetAttr(new FakeRequest(), id, 0, out Attr attr, out _));
            Assert.Equal((ulong)content.Length, attr.Size);
            Assert.Equal(content, successor.Read(id, handle: 12345));
        }
        Assert.DoesNotContain(successor.Lookup("f").Node, held);
        Assert.Equal(successor.Lookup("f").Attr.Ino, dead.Lookup("f").Attr.Ino);
    }

    [Fact]
    public void Numbers_between_those_that_are_held_are_found_and_used_again()
    {
        ulong[] given = new ulong[40];
        for (int i = 0; i < given.Length; i++)
        {
            Change(dead);
            given[i] = dead.Lookup("f").Node;
        }
        Assert.Equal(given.Length, given.Distinct().Count());
        held.UnionWith([given[0], given[7], given[39]]);
        Mount successor = TakeOver();
        Assert.All(held, id => Assert.Equal(Errno.Ok, successor.Table.GetAttr(new FakeRequest(), id, 0, out _, out _)));
        Assert.Equal(Errno.ENOENT, successor.Table.GetAttr(new FakeRequest(), given[8], 0, out _, out _));
        HashSet<ulong> fresh = [];
        for (int i = 0; i < 60; i++)
        {
            Change(successor);
            fresh.Add(successor.Lookup("f").Node);
        }
        Assert.Equal(60, fresh.Count);
        Assert.Empty(fresh.Intersect(held));
        Assert.Contains(given[8], fresh);
    }

    [Fact]
    public void Forget_ends_an_inherited_id_whatever_its_count()
    {
        Change(dead);
        dead.Lookup("f");
        Change(dead);
        held.Add(dead.Lookup("f").Node);
        Mount successor = TakeOver();
        ulong old = held.Single();
        successor.Lookup("f");
        held.Clear();
        successor.Table.Forget(old, 7);
        Assert.Equal(Errno.ENOENT, successor.Table.GetAttr(new FakeRequest(), old, 0, out _, out _));
    }

    /// <summary>The kernel gives a single reference back when a lookup brings another id than the one it has by that name; a kill may come before it is read.</summary>
    [Fact]
    public void A_late_forget_of_one_lookup_leaves_an_inherited_id_that_the_kernel_holds()
    {
        Change(dead);
        dead.Lookup("f");
        Change(dead);
        ulong open = dead.Lookup("f").Node;
        dead.Lookup("f");
        held.Add(open);
        Mount successor = TakeOver();
        using Waiting channel = new();
        using NotifyLink link = new(channel);
        Attach(link, successor);
        successor.Table.Forget(open, 1);
        Assert.Equal(open, successor.Lookup("f", new FakeRequest(pid: link.WorkerThread)).Node);
        Assert.NotEqual(open, successor.Lookup("f").Node);
        held.Clear();
        successor.Table.Forget(open, 2);
        Assert.Equal(Errno.ENOENT, successor.Table.GetAttr(new FakeRequest(), open, 0, out _, out _));
    }

    [Fact]
    public void The_notify_worker_reaches_inherited_ids()
    {
        Change(dead);
        dead.Lookup("f");
        Change(dead);
        held.Add(dead.Lookup("f").Node);
        Mount successor = TakeOver();
        using Waiting channel = new();
        using NotifyLink link = new(channel);
        Attach(link, successor);
        ulong reader = successor.Lookup("f").Node;
        HashSet<ulong> touched = [];
        for (int i = 0; i < 2; i++)
        {
            FakeRequest worker = new(pid: link.WorkerThread);
            ulong node = successor.Lookup("f", worker).Node;
            SetAttr set = new() { Fields = SetAttrFields.Size };
            Assert.Equal(Errno.Ok, successor.Table.SetAttr(worker, node, set, out Attr attr, out _));
            Assert.Equal((ulong)content.Length, attr.Size);
            touched.Add(node);
        }
        Assert.Equal([.. held, reader], touched);
    }

    [Fact]
    public void A_growing_file_of_a_dead_process_reads_on_to_its_end_until_the_kernel_is_told_of_one()
    {
        ulong open = dead.Lookup("log").Node;
        held.Add(open);
        Mount successor = TakeOver();
        using Waiting channel = new();
        using NotifyLink link = new(channel);
        Attach(link, successor);
        log = "line\n";
        Assert.Equal("line\n", successor.Read(open, handle: 12345));
        FakeRequest worker = new(pid: link.WorkerThread);
        Assert.Equal(open, successor.Lookup("log", worker).Node);
        successor.Table.SetAttr(worker, open, new SetAttr { Fields = SetAttrFields.Size }, out _, out _);
        log += "more\n";
        Assert.Equal("line\n", successor.Read(open, handle: 12345));
    }

    [Fact]
    public void A_conversation_with_a_dead_process_is_answered_EHOSTDOWN()
    {
        ulong ctl = dead.Lookup("ctl").Node;
        ulong handle = dead.Open(ctl, Mount.ReadWrite);
        held.Add(ctl);
        Mount successor = TakeOver();
        Assert.Equal(Errno.EHOSTDOWN, successor.Table.Read(new FakeRequest(), ctl, handle, 0, new byte[10], out _));
        Assert.Equal(Errno.EHOSTDOWN, successor.Write(ctl, handle, "q\n"));
        Assert.Equal(Errno.Ok, successor.Table.Poll(new FakeRequest(), ctl, handle, 1, true, 1, out uint ready));
        Assert.NotEqual(0u, ready & 8);
        Assert.Equal(Errno.Ok, successor.Table.Flush(new FakeRequest(), ctl, handle));
        ulong again = successor.Open(successor.Lookup("ctl").Node, Mount.ReadWrite);
        Assert.Equal("", successor.Read(successor.Lookup("ctl").Node, again));
    }

    [Fact]
    public void A_close_says_that_a_draft_is_lost_and_a_reader_closes_in_peace()
    {
        ulong node = dead.Lookup("w").Node;
        ulong writer = dead.Open(node, Mount.WriteOnly), reader = dead.Open(node, Mount.ReadOnly);
        dead.Write(node, writer, "draft\n");
        held.Add(node);
        Mount successor = TakeOver();
        Assert.Equal(Errno.EBADF, successor.Write(node, writer, "more\n", 6));
        Assert.Equal(Errno.EBADF, successor.Table.Flush(new FakeRequest(), node, writer));
        Assert.Equal(Errno.Ok, successor.Table.Flush(new FakeRequest(), node, reader));
        Assert.Equal("live\n", successor.Cat("w"));
    }

    private void Change(Mount mount)
    {
        content += "more\n";
        mount.Table.Root.Children.Values.Select(child => child.Node).OfType<GeneratedFile>().First().Changed();
    }

    [Fact]
    public void Listings_of_generated_and_of_overlaid_folders_are_not_taken_over()
    {
        GeneratedFolder sys = new();
        Mount successor = new(Tree().Add("sys", sys).AddStored("memory", FakeStored.Memory));
        successor.Table.AddBelowStored(FakeStored.Memory, "status", GeneratedFile.OfText(() => ""));
        HeldBy kernel = new(held);
        successor.Table.Kernel = kernel;
        successor.Table.Inherit();
        Assert.Equal(new HashSet<ulong> { Vfs.RootNode, FakeStored.Memory, sys.Ino }, kernel.Dropped);
    }

    /// <summary>Waits until the worker has said which thread it is.</summary>
    private static void Attach(NotifyLink link, Mount successor)
    {
        successor.Table.Notify = link;
        Assert.True(SpinWait.SpinUntil(() => link.WorkerThread != 0, TimeSpan.FromSeconds(10)));
    }

    private Mount TakeOver()
    {
        Mount successor = new(Tree());
        successor.Table.Kernel = new HeldBy(held);
        successor.Table.Inherit();
        return successor;
    }

    private GeneratedFolder Tree() => new GeneratedFolder()
        .Add("f", new GeneratedFile(() => Encoding.UTF8.GetBytes(content), keep: Timeout.InfiniteTimeSpan))
        .Add("log", new Log(() => log))
        .Add("ctl", new Channel(new Mute()))
        .Add("w", new Live());

    private sealed class Log(Func<string> text) : GrowingFile
    {
        protected internal override ulong Length => (ulong)text().Length;
        protected override Timestamp ModifiedAt => default;

        protected internal override Errno ReadAt(ulong offset, Span<byte> buffer, out int count)
        {
            ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text()).AsSpan((int)offset);
            count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            return Errno.Ok;
        }
    }

    private sealed class Mute : ChannelService
    {
        public override bool IsUp => true;
        public override Errno Submit(ChannelExchange exchange) => Errno.Ok;
    }

    private sealed class Live() : WritableFile(new ErrorLog())
    {
        protected override byte[] Render() => "live\n"u8.ToArray();
        protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content) => null;
    }

    private sealed class HeldBy(HashSet<ulong> held) : KernelCache
    {
        public HashSet<ulong> Dropped { get; } = [];
        public override void InvalidateInode(ulong node, long offset, long length) => Dropped.Add(node);
        public override bool DropNames() => false;
        public override void InvalidateEntry(ulong parent, ReadOnlySpan<byte> name) { }
        public override void WriteBack(ulong node, Action done) => done();
        public override bool Holds(ulong node) => held.Contains(node);
        public override void PollWakeup(ulong pollHandle) { }
    }

    /// <summary>A worker that says its thread id and then nothing.</summary>
    private sealed class Waiting : MessageChannel
    {
        private readonly ManualResetEventSlim end = new();
        private int said;

        public override bool Send(ReadOnlySpan<byte> message) => true;

        public override int Receive(Span<byte> buffer)
        {
            if (Interlocked.Exchange(ref said, 1) != 0)
            {
                end.Wait(CancellationToken.None);
                return 0;
            }
            BitConverter.TryWriteBytes(buffer, 4711u);
            return sizeof(uint);
        }

        protected override void Dispose(bool disposing) => end.Set();
    }
}

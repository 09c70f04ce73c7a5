using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

/// <summary>Generated folders in which callers make and remove, and those that only the notify worker passes.</summary>
public sealed class MadeFolderTests
{
    private const uint Owner = 1000, Other = 2000, Worker = 777;
    private readonly Shelf shelf = new();
    private readonly Mount mount;

    public MadeFolderTests() => mount = new(new GeneratedFolder().Add("shelf", shelf).Add("plain", new GeneratedFolder().Add("f", GeneratedFile.OfText(() => "x"))));

    [Fact]
    public void Mkdir_makes_what_the_folder_admits_and_rmdir_takes_it_away()
    {
        List<FsEvent> seen = [];
        using EventBus bus = new();
        bus.Subscribe((in FsEvent e) => seen.Add(e));
        mount.Table.Events = bus;
        Assert.Equal(Errno.Ok, MkDir(shelf, "book", out Entry made));
        Assert.Equal(mount.Lookup("shelf/book").Node, made.Node);
        Assert.Equal(FileMode.Directory | 0x1ED, made.Attr.Mode);
        Assert.Equal([".", "..", "book"], mount.List(shelf.Ino));
        Assert.Equal(Errno.EEXIST, MkDir(shelf, "book", out _));
        Assert.Equal(Errno.EINVAL, MkDir(shelf, "bad", out _));
        Assert.Equal(Errno.EISDIR, mount.Table.Unlink(new FakeRequest(), shelf.Ino, "book"u8));
        Assert.Equal(Errno.Ok, mount.Table.RmDir(new FakeRequest(), shelf.Ino, "book"u8));
        Assert.Equal(Errno.ENOENT, mount.Table.RmDir(new FakeRequest(), shelf.Ino, "book"u8));
        Assert.Equal(Errno.ENOENT, mount.TryLookup(shelf.Ino, "book"));
        Assert.Equal([".", ".."], mount.List(shelf.Ino));
        bus.Drain(TimeSpan.FromSeconds(10));
        Assert.Equal([FsEventKind.Create, FsEventKind.Remove], seen.Select(e => e.Kind));
        Assert.All(seen, e => Assert.Equal((made.Attr.Ino, shelf.Ino, "book", true), (e.Node, e.Parent, Encoding.UTF8.GetString(e.Name!), e.IsDirectory)));
    }

    [Fact]
    public void Folders_that_say_nothing_refuse_and_name_what_is_wrong()
    {
        ulong plain = mount.Lookup("plain").Node, file = mount.Lookup("plain/f").Node;
        Assert.Equal(Errno.EPERM, mount.Table.MkDir(new FakeRequest(), plain, "new"u8, 0x1ED, out _));
        Assert.Equal(Errno.EEXIST, mount.Table.MkDir(new FakeRequest(), plain, "f"u8, 0x1ED, out _));
        Assert.Equal(Errno.EPERM, mount.Table.Unlink(new FakeRequest(), plain, "f"u8));
        Assert.Equal(Errno.ENOTDIR, mount.Table.RmDir(new FakeRequest(), plain, "f"u8));
        Assert.Equal(Errno.EPERM, mount.Table.RmDir(new FakeRequest(), Vfs.RootNode, "plain"u8));
        Assert.Equal(Errno.ENOENT, mount.Table.Unlink(new FakeRequest(), plain, "none"u8));
        Assert.Equal(Errno.ENOTDIR, mount.Table.MkDir(new FakeRequest(), file, "x"u8, 0x1ED, out _));
        Assert.Equal("x", mount.Cat("plain/f"));
    }

    [Fact]
    public void A_stored_folder_is_not_removed_from_a_generated_one()
    {
        mount.Table.Root.AddStored("memory", 5);
        Assert.Equal(Errno.EPERM, mount.Table.RmDir(new FakeRequest(), Vfs.RootNode, "memory"u8));
    }

    [Fact]
    public void A_passage_lets_the_worker_through_to_what_is_fixed_and_nobody_else()
    {
        using NotifyLink link = Link(out Hello hello);
        Passage passage = new();
        passage.Add("inner", new GeneratedFolder().Add("f", GeneratedFile.OfText(() => "secret")));
        mount.Table.Root.Add("closed", passage);
        FakeRequest worker = new(uid: 60912, pid: Worker), other = new(uid: Other), owner = new(uid: Owner), root = new(uid: 0);
        Assert.Equal(FileMode.Directory | 0x1C9, mount.Lookup("closed", worker).Attr.Mode);
        Assert.Equal(FileMode.Directory | 0x1C0, mount.Lookup("closed", other).Attr.Mode);
        Assert.Equal(Errno.Ok, mount.TryLookup(passage.Ino, "inner", worker));
        Assert.Equal(Errno.EACCES, mount.TryLookup(passage.Ino, "made-up", worker));
        Assert.Equal(Errno.Ok, mount.TryLookup(passage.Ino, "made-up", owner));
        Assert.Equal(Errno.Ok, mount.TryLookup(passage.Ino, "inner", root));
        // The kernel may have judged by the worker's bits: then fs is the one to refuse, each time.
        Assert.Equal(Errno.EACCES, mount.TryLookup(passage.Ino, "inner", other));
        Assert.Equal(Errno.EACCES, mount.TryLookup(passage.Ino, "made-up", other));
        Assert.Equal(0u, mount.Lookup("closed/inner", owner).EntrySeconds);
        hello.Dispose();
    }

    [Fact]
    public void The_worker_reads_nothing()
    {
        using NotifyLink link = Link(out Hello hello);
        ulong node = mount.Lookup("plain/f").Node;
        Assert.Equal(Errno.EACCES, mount.Table.Open(new FakeRequest(pid: Worker), node, Mount.ReadOnly, false, out _));
        ulong handle = mount.Open(node, Mount.ReadWrite, new FakeRequest(pid: Worker));
        Assert.Equal(Errno.EBADF, mount.Table.Read(new FakeRequest(pid: Worker), node, handle, 0, new byte[8], out _));
        hello.Dispose();
    }

    [Fact]
    public void Who_watches_the_folder_is_woken_by_a_file_that_was_never_looked_up_if_the_file_says_so()
    {
        using NotifyLink link = Link(out Hello hello);
        GeneratedFile quiet = GeneratedFile.OfText(() => "1");
        Waking waking = new();
        mount.Table.Root.Add("watched", new GeneratedFolder().Add("quiet", quiet).Add("waking", waking));
        waking.Changed();
        Assert.False(hello.Touched.TryTake(out _));
        _ = mount.Lookup("watched");
        quiet.Changed();
        waking.Changed();
        Assert.True(hello.Touched.TryTake(out string? path, TimeSpan.FromSeconds(10)));
        Assert.Equal("watched/waking", path);
        hello.Dispose();
    }

    private NotifyLink Link(out Hello hello)
    {
        hello = new Hello();
        NotifyLink link = new(hello);
        mount.Table.Notify = link;
        Assert.True(SpinWait.SpinUntil(() => link.WorkerThread == Worker, TimeSpan.FromSeconds(10)));
        return link;
    }

    private Errno MkDir(GeneratedFolder folder, string name, out Entry entry) =>
        mount.Table.MkDir(new FakeRequest(), folder.Ino, Encoding.UTF8.GetBytes(name), 0x1ED, out entry);

    private sealed class Shelf : GeneratedFolder
    {
        protected internal override Errno MakeFolder(Request request, ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual("bad"u8))
            {
                return Errno.EINVAL;
            }
            Add(Encoding.UTF8.GetString(name), new GeneratedFolder());
            return Errno.Ok;
        }

        protected internal override Errno RemoveChild(Request request, ReadOnlySpan<byte> name, GeneratedNode child) =>
            Remove(Encoding.UTF8.GetString(name)) ? Errno.Ok : Errno.ENOENT;
    }

    private sealed class Passage() : GeneratedFolder(0x1C0)
    {
        protected internal override bool IsPassage => true;

        protected internal override bool IsVolatile => true;

        protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name) => GeneratedFile.OfText(() => "answer");
    }

    private sealed class Waking() : GeneratedFile(() => "2"u8.ToArray())
    {
        protected internal override bool WakesFolder => true;
    }

    /// <summary>A worker that says who it is and notes what it is asked to touch.</summary>
    private sealed class Hello : MessageChannel
    {
        private readonly ManualResetEventSlim gone = new();
        private int said;

        public System.Collections.Concurrent.BlockingCollection<string> Touched { get; } = [];

        public override bool Send(ReadOnlySpan<byte> message)
        {
            Touched.Add(Encoding.UTF8.GetString(message[1..]));
            return true;
        }

        public override int Receive(Span<byte> buffer)
        {
            if (Interlocked.Exchange(ref said, 1) == 0)
            {
                BitConverter.TryWriteBytes(buffer, Worker);
                return sizeof(uint);
            }
            gone.Wait();
            return 0;
        }

        protected override void Dispose(bool disposing) => gone.Set();
    }
}

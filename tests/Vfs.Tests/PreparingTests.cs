using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

public sealed class PreparingTests
{
    private readonly Slow folder = new();
    private readonly Mount mount;

    public PreparingTests() => mount = new(new GeneratedFolder().Add("slow", folder));

    [Fact]
    public void What_is_not_there_yet_is_not_measured_listed_opened_or_made()
    {
        TaskCompletionSource ready = new();
        folder.Waits = ready.Task;
        FakeRequest request = new();
        Assert.Equal(Vfs.Again, mount.Table.Lookup(request, folder.Ino, "word"u8, out _));
        Assert.Same(ready.Task, request.Awaited);
        Assert.Equal(Vfs.Again, mount.Table.GetAttr(new FakeRequest(), folder.Ino, 0, out _, out _));
        Assert.Equal(Vfs.Again, mount.Table.ReadDir(new FakeRequest(), folder.Ino, 0, new ListSink()));
        Assert.Equal(0, folder.Made);
        ready.SetResult();
        Assert.Equal("word", mount.Cat("slow/word"));
        Assert.Equal(1, folder.Made);
    }

    [Fact]
    public void A_file_waits_before_it_is_opened()
    {
        Entry entry = mount.Lookup("slow/word");
        TaskCompletionSource ready = new();
        folder.FileWaits = ready.Task;
        Assert.Equal(Vfs.Again, mount.Table.Open(new FakeRequest(), entry.Node, 0, false, out _));
        Assert.Equal(Vfs.Again, mount.Table.GetAttr(new FakeRequest(), entry.Node, 0, out _, out _));
        ready.SetResult();
        Assert.Equal(Errno.Ok, mount.Table.Open(new FakeRequest(), entry.Node, 0, false, out _));
    }

    private sealed class Slow : GeneratedFolder
    {
        public Task? Waits { get; set; }

        public Task? FileWaits { get; set; }

        public int Made { get; private set; }

        protected internal override bool IsVolatile => true;

        protected internal override Task? Preparing() => Waits;

        protected internal override Task? Preparing(ReadOnlySpan<byte> name) => Waits;

        protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name)
        {
            Made++;
            return new SlowFile(this, name.ToArray());
        }
    }

    private sealed class SlowFile(Slow folder, byte[] text) : GeneratedFile(() => text)
    {
        protected internal override Task? Preparing() => folder.FileWaits;
    }
}

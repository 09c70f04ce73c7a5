using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Vfs;
using static Fuse.Tests.Dispatch.RequestBytes;

namespace Fuse.Tests.Dispatch;

public sealed class BadRequestTests : IDisposable
{
    private readonly ScriptedTree tree = new();
    private readonly Harness harness;

    public BadRequestTests() => harness = new Harness(tree);

    public void Dispose() => harness.Dispose();

    [Theory]
    [InlineData("", Errno.EINVAL)]
    [InlineData("a/b", Errno.EINVAL)]
    [InlineData(".", Errno.EINVAL)]
    [InlineData("..", Errno.EINVAL)]
    public void A_name_that_cannot_be_made_is_refused(string name, Errno error)
    {
        harness.Fails(error, FuseOpcode.MkDir, 1, 0x1EDu, 0u, name);
        harness.Fails(error, FuseOpcode.Unlink, 1, name);
        harness.Fails(error, FuseOpcode.Rename2, 1, 1UL, 0u, 0u, "good", name);
        Assert.Empty(tree.Log);
    }

    [Fact]
    public void A_name_of_255_bytes_is_taken_and_a_longer_one_is_too_long()
    {
        harness.Must(FuseOpcode.Lookup, 1, new string('n', 255));
        harness.Fails(Errno.ENAMETOOLONG, FuseOpcode.Lookup, 1, new string('n', 256));
        harness.Fails(Errno.ENAMETOOLONG, FuseOpcode.Create, 1, 0, 0u, 0u, 0u, new string('n', 256));
        harness.Must(FuseOpcode.SymLink, 1, "n", new string('t', 4095));
        harness.Fails(Errno.ENAMETOOLONG, FuseOpcode.SymLink, 1, "n", new string('t', 4096));
    }

    [Fact]
    public void Dots_are_not_looked_up()
    {
        harness.Fails(Errno.ENOENT, FuseOpcode.Lookup, 1, ".");
        harness.Fails(Errno.ENOENT, FuseOpcode.Lookup, 1, "..");
        harness.Fails(Errno.EINVAL, FuseOpcode.Lookup, 1, "a/b");
    }

    [Fact]
    public void Every_byte_but_slash_and_nul_may_be_in_a_name()
    {
        byte[] name = [.. Enumerable.Range(1, 255).Select(i => (byte)i).Where(b => b != '/')];
        harness.Must(FuseOpcode.Lookup, 1, name, new byte[1]);
    }

    [Fact]
    public void A_name_without_its_end_is_refused()
    {
        harness.Fails(Errno.EINVAL, FuseOpcode.Lookup, 1, "abc"u8.ToArray());
        harness.Fails(Errno.EINVAL, FuseOpcode.Rename, 1, 1UL, "one", "two"u8.ToArray());
    }

    [Fact]
    public void Unknown_rename_flags_are_refused()
    {
        harness.Fails(Errno.EINVAL, FuseOpcode.Rename2, 1, 1UL, 4u, 0u, "a", "b");
        harness.Fails(Errno.EINVAL, FuseOpcode.Rename2, 1, 1UL, 3u, 0u, "a", "b");
    }

    [Fact]
    public void Lengths_that_lie_are_refused()
    {
        harness.Fails(Errno.EINVAL, FuseOpcode.Write, 9, 5UL, 6UL, 4u, 0u, 0UL, 0u, 0u, "abc"u8.ToArray());
        harness.Fails(Errno.EINVAL, FuseOpcode.Write, 9, 5UL, 6UL, uint.MaxValue, 0u, 0UL, 0u, 0u, "abc"u8.ToArray());
        harness.Fails(Errno.EINVAL, FuseOpcode.Read, 9, 5UL, 6UL, uint.MaxValue, 0u, 0UL, 0u, 0u);
        harness.Fails(Errno.EINVAL, FuseOpcode.SetXattr, 9, 9u, 0, "user.x", "abc"u8.ToArray());
        harness.Fails(Errno.EINVAL, FuseOpcode.Seek, 9, 5UL, 6UL, 2, 0u);
        harness.Fails(Errno.EINVAL, FuseOpcode.CopyFileRange, 9, 5UL, 6UL, 7UL, 8UL, 10UL, 11UL, 1UL);
        Assert.Null(harness.Ask(FuseOpcode.BatchForget, 0, uint.MaxValue, 0u, 5UL, 1UL));
        Assert.Equal(["forget 5 1"], tree.Log);
    }

    [Fact]
    public void Any_request_may_be_cut_at_any_byte()
    {
        byte[] whole = Make(FuseOpcode.Create, 2, 1, 0x8041, 0x81A4u, 18u, 0u, "name");
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            harness.Dispatch(cut);
            if (length >= 40)
            {
                Assert.True(harness.Sink.Replies.TryDequeue(out Reply? reply));
                Assert.Equal(-(int)Errno.EINVAL, reply.Error);
                BitConverter.TryWriteBytes(cut, length);
                harness.Dispatch(cut);
                Assert.True(harness.Sink.Replies.TryDequeue(out reply));
                Assert.Equal(-(int)Errno.EINVAL, reply.Error);
            }
        }

        Assert.Empty(harness.Sink.Replies);
        Assert.Empty(tree.Log);
    }

    [Fact]
    public void Extensions_behind_the_request_are_left_alone()
    {
        byte[] request = Make(FuseOpcode.Unlink, 2, 1, "name", new byte[16]);
        request[36] = 2;
        harness.Dispatch(request);
        Assert.EndsWith("unlink 1 name", tree.Last);
        request[36] = 200;
        harness.Dispatch(request);
        Assert.Equal(-(int)Errno.EINVAL, harness.Sink.Replies.Last().Error);
    }

    [Fact]
    public void A_request_without_a_number_is_never_answered()
    {
        harness.Dispatch(Make(FuseOpcode.GetAttr, 0, 1, 0u, 0u, 0UL));
        Assert.Empty(harness.Sink.Replies);
    }

    [Fact]
    public void A_bug_in_a_tree_is_EIO_and_a_report()
    {
        using Harness broken = new(new BrokenTree());
        broken.Fails(Errno.EIO, FuseOpcode.GetAttr, 1, 0u, 0u, 0UL);
        broken.Fails(Errno.EIO, FuseOpcode.Read, 1, 0UL, 0UL, 10u, 0u, 0UL, 0u, 0u);
        broken.Fails(Errno.EIO, FuseOpcode.Flush, 1, 0UL, 0u, 0u, 0UL);
        broken.Fails(Errno.EIO, FuseOpcode.Unlink, 1, "x");
        Assert.Equal([FuseOpcode.GetAttr, FuseOpcode.Read, FuseOpcode.Flush, FuseOpcode.Unlink], broken.Bugs.Select(b => b.Opcode));
    }

    private sealed class BrokenTree : NodeTree
    {
        public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds) =>
            throw new InvalidOperationException("bug");

        public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count)
        {
            count = buffer.Length + 1;
            return Errno.Ok;
        }

        public override Errno Flush(Request request, ulong node, ulong handle) => ClawFS.Vfs.Vfs.Parked;

        public override Errno Unlink(Request request, ulong parent, ReadOnlySpan<byte> name) => (Errno)(-2);
    }
}

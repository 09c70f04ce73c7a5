using ClawFS.Fuse;
using ClawFS.Linux;

namespace Fuse.Tests.Dispatch;

/// <summary>The kernel refuses a reply whose client is gone (ENOENT): what the reply gave must come back.</summary>
public sealed class LostClientTests : IDisposable
{
    private readonly ScriptedTree tree = new();
    private readonly Harness harness;

    public LostClientTests()
    {
        harness = new Harness(tree);
        harness.Sink.Refuse = Errno.ENOENT;
    }

    public void Dispose() => harness.Dispose();

    [Fact]
    public void A_lookup_is_forgotten()
    {
        harness.Ask(FuseOpcode.Lookup, 1, "n");
        Assert.Equal("forget 77 1", tree.Last);
    }

    [Fact]
    public void A_negative_lookup_has_nothing_to_forget()
    {
        harness.Ask(FuseOpcode.Lookup, 1, "negative");
        Assert.Single(tree.Log);
    }

    [Fact]
    public void An_open_is_released()
    {
        harness.Ask(FuseOpcode.Open, 9, 0x8001, 0u);
        Assert.Equal("1000:100:4242 release 9 11259375 32769", tree.Last);
    }

    [Fact]
    public void An_opened_folder_has_nothing_to_release()
    {
        harness.Ask(FuseOpcode.OpenDir, 9, 0x10000, 0u);
        Assert.Single(tree.Log);
    }

    [Fact]
    public void A_create_is_released_and_forgotten()
    {
        harness.Ask(FuseOpcode.Create, 1, 0x8041, 0x1A4u, 0u, 0u, "n");
        Assert.Equal(["release 77 11259375 32833", "forget 77 1"], tree.Log[1..].Select(l => l.Replace("1000:100:4242 ", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_listing_forgets_every_node_that_it_named()
    {
        harness.Ask(FuseOpcode.ReadDirPlus, 1, 5UL, 0UL, 4096u, 0u, 0UL, 0u, 0u);
        Assert.Equal(["forget 77 1", "forget 77 1"], tree.Log[1..]);
    }

    [Fact]
    public void A_failed_request_gives_nothing_back()
    {
        harness.Ask(FuseOpcode.Lookup, 1, "a/b");
        Assert.Empty(tree.Log);
    }

    [Fact]
    public void A_reply_that_the_kernel_finds_malformed_is_followed_by_EIO_and_reported()
    {
        harness.Sink.Refuse = Errno.EINVAL;
        harness.Dispatch(RequestBytes.Make(FuseOpcode.Lookup, 2, 1, "n"));
        Assert.Equal([0, -(int)Errno.EIO], harness.Sink.Replies.Select(r => r.Error));
        Assert.Equal("forget 77 1", tree.Last);
        Assert.Single(harness.Bugs);
    }
}

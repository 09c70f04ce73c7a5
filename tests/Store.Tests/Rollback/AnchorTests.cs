using ClawFS.Crypto;
using ClawFS.Linux;

namespace ClawFS.Store.Tests.Rollback;

public sealed class AnchorTests : IDisposable
{
    private readonly ScratchFolder store = new();
    private readonly ScratchFolder old = new();
    private readonly ScratchFolder anchors = new();
    private readonly SecretKey master = SecretKey.Random();
    private readonly Guid id = Guid.NewGuid();
    private readonly List<string> reports = [];

    public AnchorTests()
    {
        using Anchor anchor = OpenAnchor();
        ClawStore.Create(store.Path, master, id, 0, anchor);
    }

    public void Dispose()
    {
        master.Dispose();
        anchors.Dispose();
        old.Dispose();
        store.Dispose();
    }

    [Fact]
    public void A_store_that_goes_on_is_anchored()
    {
        Assert.Equal(AnchorState.Anchored, Session(store, "a"));
        Assert.Equal(AnchorState.Anchored, Session(store, "b"));
        Assert.Empty(reports);
    }

    [Fact]
    public void An_older_copy_is_told_and_stays_told_until_it_is_accepted()
    {
        Session(store, "a");
        store.CopyTo(old);
        Session(store, "b");
        Assert.Equal(AnchorState.RolledBack, Session(old, "c"));
        Assert.Contains(reports, static line => line.Contains("older than it has been", StringComparison.Ordinal));
        for (int i = 0; i < 5; i++)
        {
            // Its own counter passes the anchor's meanwhile.
            Assert.Equal(AnchorState.RolledBack, Session(old, $"d{i}"));
        }
        Assert.Equal(AnchorState.Anchored, Session(old, "e", accept: true));
        Assert.Equal(AnchorState.Anchored, Session(old, "f"));
    }

    [Fact]
    public void Fsck_finds_an_older_copy_and_does_not_call_it_repaired()
    {
        Session(store, "a");
        store.CopyTo(old);
        Session(store, "b");
        using Anchor anchor = OpenAnchor();
        using ClawStore opened = Open(old, anchor);
        FsckReport report = Fsck.Run(opened, new FsckOptions { Repair = true }, TestContext.Current.CancellationToken);
        Assert.Equal(FsckCode.RolledBack, Assert.Single(report.Problems).Code);
        Assert.False(report.Clean);
    }

    [Fact]
    public void Two_lines_of_changes_of_one_store_are_told_apart_at_the_same_commit()
    {
        Session(store, "a");
        store.CopyTo(old);
        (ulong Anchor, ulong Store) before = Session(store, "b", out _);
        using (Anchor other = Anchor.Open(OtherAnchors(), id))
        using (ClawStore copy = Open(old, other))
        {
            Make(copy, "b");
        }
        (ulong Anchor, ulong Store) after = Session(old, "c", out AnchorState state);
        Assert.True(after.Store == after.Anchor && after.Store > before.Store, "both lines are at the same commit");
        Assert.Equal(AnchorState.RolledBack, state);
    }

    [Fact]
    public void A_missing_or_damaged_anchor_is_unanchored_once_and_never_an_error()
    {
        Session(store, "a");
        string file = Assert.Single(Directory.GetFiles(anchors.Path));
        byte[] bytes = File.ReadAllBytes(file);
        bytes[40] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Equal(AnchorState.Unanchored, Session(store, "b"));
        Assert.Equal(AnchorState.Anchored, Session(store, "c"));
        File.Delete(file);
        Assert.Equal(AnchorState.Unanchored, Session(store, "d"));
        Assert.Equal(AnchorState.Anchored, Session(store, "e"));
    }

    [Fact]
    public void An_anchor_of_another_key_is_not_believed()
    {
        Session(store, "a");
        string file = Assert.Single(Directory.GetFiles(anchors.Path));
        byte[] before = File.ReadAllBytes(file);
        using SecretKey other = SecretKey.Random();
        using (Anchor forged = OpenAnchor())
        {
            forged.Compare(other, id, 1, 1);
            forged.Advance(ulong.MaxValue, 7, now: true);
        }
        Assert.NotEqual(before, File.ReadAllBytes(file));
        Assert.Equal(AnchorState.Unanchored, Session(store, "b"));
    }

    private Folder OtherAnchors()
    {
        Directory.CreateDirectory(anchors.File("other"));
        return Folder.Open(anchors.File("other"));
    }

    private Anchor OpenAnchor()
    {
        using Folder folder = anchors.Open();
        return Anchor.Open(folder, id);
    }

    private ClawStore Open(ScratchFolder at, Anchor anchor) =>
        ClawStore.Open(at.Path, master, id, new StoreOptions { Anchor = anchor, Report = reports.Add });

    private (ulong Anchor, ulong Store) Session(ScratchFolder at, string name, out AnchorState state)
    {
        using Anchor anchor = OpenAnchor();
        using ClawStore opened = Open(at, anchor);
        state = opened.Anchored;
        Make(opened, name);
        return anchor.Commits;
    }

    private AnchorState Session(ScratchFolder at, string name, bool accept = false)
    {
        using Anchor anchor = OpenAnchor();
        using ClawStore opened = Open(at, anchor);
        if (accept)
        {
            opened.AcceptRollback();
        }
        AnchorState state = opened.Anchored;
        Make(opened, name);
        return state;
    }

    private static void Make(ClawStore opened, string name)
    {
        Errno error = opened.Tree.MkDir(new LocalRequest(0, 0), StoredTree.RootFolder, System.Text.Encoding.UTF8.GetBytes(name), 0x1C0, out _);
        Assert.Equal(Errno.Ok, error);
    }
}

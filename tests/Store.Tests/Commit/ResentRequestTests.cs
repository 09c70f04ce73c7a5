using ClawFS.Linux;
using ClawFS.Store.Tests.Ops;
using ClawFS.Vfs;
using FileMode = ClawFS.Vfs.FileMode;

namespace ClawFS.Store.Tests.Commit;

/// <summary>
/// Each request that changes something is applied, its process dies before the answer is out, and the kernel sends it again to the successor: the same answer,
/// and the tree as after one application. So too for the successor's successor.
/// </summary>
public sealed class ResentRequestTests
{
    private const ulong Resent = 1UL << 63, Number = 4242;
    private const uint KeepSize = 1, PunchHole = 2, ZeroRange = 0x10;
    private static readonly byte[] Bytes = Content(1, 9_000);

    /// <summary>What is asked, and whether asking once more would show in the answer or the tree if it were applied.</summary>
    private static readonly Dictionary<string, Func<StoredTree, Request, Seeded, Answer>> s_requests = new()
    {
        ["mkdir"] = (t, r, s) => new(t.MkDir(r, TreeUser.Root, "made"u8, 0x1ED, out Entry e), e.Node),
        ["mknod"] = (t, r, s) => new(t.MkNod(r, TreeUser.Root, "made"u8, FileMode.Fifo | 0x1A4, 0, out Entry e), e.Node),
        ["symlink"] = (t, r, s) => new(t.SymLink(r, TreeUser.Root, "made"u8, "target"u8, out Entry e), e.Node),
        ["create"] = (t, r, s) => new(t.Create(r, TreeUser.Root, "made"u8, 0x1A4, 1, out Entry e, out _), e.Node),
        ["tmpfile"] = (t, r, s) => new(t.TmpFile(r, TreeUser.Root, 0x1A4, 2, out Entry e, out _), e.Node),
        ["link"] = (t, r, s) => new(t.Link(r, s.File, TreeUser.Root, "second"u8, out Entry e), e.Node),
        ["unlink"] = (t, r, s) => new(t.Unlink(r, TreeUser.Root, "file"u8), 0),
        ["rmdir"] = (t, r, s) => new(t.RmDir(r, TreeUser.Root, "empty"u8), 0),
        ["rename"] = (t, r, s) => new(t.Rename(r, TreeUser.Root, "file"u8, s.Folder, "moved"u8, 0), 0),
        ["rename over another"] = (t, r, s) => new(t.Rename(r, TreeUser.Root, "other"u8, TreeUser.Root, "file"u8, 0), 0),
        ["rename exchange"] = (t, r, s) => new(t.Rename(r, TreeUser.Root, "file"u8, TreeUser.Root, "other"u8, TreeUser.Exchange), 0),
        ["setxattr create"] = (t, r, s) => new(t.SetXattr(r, s.File, "user.new"u8, "1"u8, 1), 0),
        ["removexattr"] = (t, r, s) => new(t.RemoveXattr(r, s.File, "user.x"u8), 0),
        ["write"] = (t, r, s) => new(t.Write(r, s.File, 0, 4096, Bytes, false, false, out int n), (ulong)n),
        ["write that shares blocks"] = (t, r, s) => new(t.Write(r, s.File, 0, 777, Bytes, false, true, out int n), (ulong)n),
        ["write of a request's full length, unaligned"] = (t, r, s) => new(t.Write(r, s.File, 0, 777, Content(2, 1 << 20), false, false, out int n), (ulong)n),
        ["open with O_TRUNC"] = (t, r, s) => new(t.Open(r, s.File, 0x200 | 1, false, out _), 0),
        ["truncate"] = (t, r, s) => new(t.SetAttr(r, s.File, new SetAttr { Fields = SetAttrFields.Size, Size = 5_000 }, out Attr a, out _), a.Size),
        ["truncate with mode and time"] = (t, r, s) => new(t.SetAttr(r, s.File,
            new SetAttr { Fields = SetAttrFields.Size | SetAttrFields.Mode | SetAttrFields.MtimeNow, Size = 5_000, Mode = 0x180 }, out Attr a, out _), a.Size + a.Mode),
        ["chown"] = (t, r, s) => new(t.SetAttr(r, s.File, new SetAttr { Fields = SetAttrFields.Uid | SetAttrFields.Gid, Uid = 7, Gid = 8 }, out Attr a, out _), a.Uid),
        ["touch"] = (t, r, s) => new(t.SetAttr(r, s.File, new SetAttr { Fields = SetAttrFields.MtimeNow | SetAttrFields.AtimeNow }, out Attr a, out _), (ulong)a.Mtime.Nanoseconds),
        ["fallocate"] = (t, r, s) => new(t.Fallocate(r, s.File, 0, 0, 50_000, 0), 0),
        ["punch a hole"] = (t, r, s) => new(t.Fallocate(r, s.File, 0, 3_000, 12_000, KeepSize | PunchHole), 0),
        ["zero a range"] = (t, r, s) => new(t.Fallocate(r, s.File, 0, 3_000, 30_000, ZeroRange), 0),
        ["copy_file_range"] = (t, r, s) => new(t.CopyFileRange(r, s.Large, 0, 100, s.File, 0, 300, 3 << 20, out uint n), n),
    };

    /// <summary>Requests of several records are done again from the start, which shows in times only.</summary>
    private static readonly string[] s_doneAgain = ["fallocate", "punch a hole", "zero a range", "copy_file_range"];

    public static TheoryData<string> Requests => [.. s_requests.Keys];

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_that_was_applied_gets_the_same_answer_again_and_changes_nothing(string name)
    {
        using var dead = new StoreFixture();
        var seeded = Seeded.Make(dead);
        Answer first = s_requests[name](dead.Tree, new NumberedRequest(Number), seeded);
        TreeUser.Ok(first.Error);
        bool times = !s_doneAgain.Contains(name);
        string once = Describe(dead, seeded, times);
        for (int checkpoints = 0; checkpoints <= 1; checkpoints++)
        {
            using StoreFixture successor = Successor(dead);
            Assert.Equal(once, Describe(successor, seeded, times));
            Assert.Equal(first, s_requests[name](successor.Tree, new NumberedRequest(Resent | Number), seeded));
            Assert.Equal(once, Describe(successor, seeded, times));

            using StoreFixture second = Successor(successor);
            Assert.Equal(first, s_requests[name](second.Tree, new NumberedRequest(Resent | Number), seeded));
            Assert.Equal(once, Describe(second, seeded, times));
            dead.Store.Commit();
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_that_was_cut_between_two_records_is_brought_to_its_end(string name)
    {
        using var dead = new StoreFixture();
        var seeded = Seeded.Make(dead);
        dead.Store.Commit();
        using Lock.Scope pause = dead.Store.Checkpoints.Pause();
        long from = dead.Store.Statistics.JournalBytes;
        Answer first = s_requests[name](dead.Tree, new NumberedRequest(Number), seeded);
        long to = dead.Store.Statistics.JournalBytes;
        string once = Describe(dead, seeded, false);
        Assert.True(to > from, "nothing was journaled");

        // A cut inside a record takes that record away: 64 bytes are less than any record has, so every number of whole records is met.
        for (long end = from; end < to; end += 64)
        {
            using StoreFixture successor = dead.Copy(open: false);
            Cut(successor, end);
            successor.LiveMount = true;
            successor.OpenNow();
            Answer again = s_requests[name](successor.Tree, new NumberedRequest(Resent | Number), seeded);
            Assert.Equal(first.Error, again.Error);
            Assert.Equal(once, Describe(successor, seeded, false));
            successor.IsClean();
        }
    }

    [Fact]
    public void A_request_that_had_failed_is_tried_again()
    {
        using var dead = new StoreFixture();
        Assert.Equal(Errno.ENOENT, dead.Tree.Unlink(new NumberedRequest(Number), TreeUser.Root, "late"u8));
        dead.User.File(TreeUser.Root, "late");
        using StoreFixture successor = Successor(dead);
        TreeUser.Ok(successor.Tree.Unlink(new NumberedRequest(Resent | Number), TreeUser.Root, "late"u8));
        Assert.Empty(successor.User.List(TreeUser.Root));
    }

    [Fact]
    public void What_was_written_after_the_request_that_is_sent_again_stays()
    {
        using var dead = new StoreFixture();
        var seeded = Seeded.Make(dead);
        TreeUser.Ok(dead.Tree.Write(new NumberedRequest(Number), seeded.File, 0, 777, Bytes, false, false, out _));
        dead.User.Write(seeded.File, 900, "later"u8);
        string expected = Describe(dead, seeded, true);
        using StoreFixture successor = Successor(dead);
        TreeUser.Ok(successor.Tree.Write(new NumberedRequest(Resent | Number), seeded.File, 0, 777, Bytes, false, false, out _));
        Assert.Equal(expected, Describe(successor, seeded, true));
    }

    private static StoreFixture Successor(StoreFixture dead)
    {
        StoreFixture successor = dead.Copy(open: false);
        successor.LiveMount = true;
        successor.OpenNow();
        return successor;
    }

    private static void Cut(StoreFixture store, long length)
    {
        string journal = Directory.GetFiles(store.File("log")).Where(f => !f.EndsWith("spare", StringComparison.Ordinal)).Max(StringComparer.Ordinal)!;
        using FileStream file = File.OpenWrite(journal);
        file.SetLength(length);
    }

    private static string Describe(StoreFixture store, Seeded seeded, bool times)
    {
        string all = ModelNode.DumpStore(store.User, store.Tree, TreeUser.Root) + store.Store.Statistics.Inodes;
        if (!times)
        {
            return all;
        }
        foreach (ulong node in (ReadOnlySpan<ulong>)[TreeUser.Root, seeded.File, seeded.Folder])
        {
            // A removed file that the kernel still knows has times, too.
            Attr attr = store.User.Attr(node);
            all += $"\n{node} {attr.Nlink} {attr.Mtime} {attr.Ctime} {attr.Uid}:{attr.Gid}";
        }
        return all;
    }

    private static byte[] Content(int number, int length)
    {
        byte[] data = new byte[length];
        new Random(number).NextBytes(data);
        return data;
    }

    private readonly record struct Answer(Errno Error, ulong Value);

    private sealed record Seeded(ulong File, ulong Folder, ulong Large)
    {
        public static Seeded Make(StoreFixture store)
        {
            ulong file = store.User.File(TreeUser.Root, "file", 0x9ED);
            store.User.Write(file, 0, Content(3, 20_000));
            TreeUser.Ok(store.User.SetXattr(file, "user.x", [1]));
            ulong other = store.User.File(TreeUser.Root, "other");
            store.User.Write(other, 0, Content(4, 300));
            store.User.Folder(TreeUser.Root, "empty");
            ulong large = store.User.File(TreeUser.Root, "large");
            store.User.Write(large, 0, Content(5, 3_000_000));
            return new(file, store.User.Folder(TreeUser.Root, "folder"), large);
        }
    }

    private sealed class NumberedRequest : Request
    {
        public NumberedRequest(ulong unique) => Unique = unique;

        public override ParkedRequest Park() => throw new InvalidOperationException("nothing here waits");
    }
}

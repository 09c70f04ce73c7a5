using ClawFS.Linux;

namespace ClawFS.Store.Tests.Ops;

public sealed class ListingTests : IDisposable
{
    private readonly StoreFixture store = new();
    private readonly TreeUser user;

    public ListingTests() => user = store.User;

    [Fact]
    public void Entries_that_stay_are_listed_exactly_once_while_others_come_and_go()
    {
        ulong folder = user.Folder(TreeUser.Root, "d");
        for (int i = 0; i < 600; i++)
        {
            user.Forget(user.File(folder, $"stay{i}"));
            user.Forget(user.File(folder, $"go{i}"));
        }
        var seen = new List<string>();
        ulong cookie = 0;
        int round = 0;
        while (user.ReadDir(folder, cookie, 5) is { Count: > 0 } entries)
        {
            seen.AddRange(entries.Select(static e => e.Name));
            cookie = entries[^1].Next;
            Assert.Equal(Errno.Ok, user.Unlink(folder, $"go{round}"));
            user.Forget(user.File(folder, $"new{round}"));
            round++;
        }
        Assert.Equal(600, seen.Count(static n => n.StartsWith("stay", StringComparison.Ordinal)));
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal([".", ".."], seen[..2]);
    }

    [Fact]
    public void A_cookie_stays_good_over_a_reopen()
    {
        ulong folder = user.Folder(TreeUser.Root, "d");
        for (int i = 0; i < 300; i++)
        {
            user.File(folder, $"{i}");
        }
        List<ListedName> first = user.ReadDir(folder, 0, 100);
        store.Reopen();
        TreeUser now = store.User;
        List<ListedName> rest = now.ReadDir(folder, first[^1].Next, 1000);
        Assert.Equal(302, first.Concat(rest).Select(static e => e.Name).Distinct().Count());
        Assert.Equal(302, first.Count + rest.Count);
    }

    [Fact]
    public void A_folder_that_was_removed_while_the_kernel_holds_it_lists_nothing()
    {
        ulong folder = user.Folder(TreeUser.Root, "d");
        ulong cookie = user.ReadDir(folder, 0, 1)[^1].Next;
        Assert.Equal(Errno.Ok, user.RmDir(TreeUser.Root, "d"));
        Assert.Empty(user.ReadDir(folder, cookie, 10));
        Assert.Empty(user.ReadDir(folder, 0, 10));
        store.Reopen();
    }

    [Fact]
    public void A_folder_takes_64k_entries_and_gives_their_rows_back()
    {
        const int Count = 65_536;
        ulong folder = user.Folder(TreeUser.Root, "many");
        for (int i = 0; i < Count; i++)
        {
            user.Forget(user.File(folder, $"entry-{i:d6}-with-a-name-of-some-length"));
        }
        store.Reopen();
        TreeUser now = store.User;
        Assert.Equal(Count, now.List(folder, 500).Distinct().Count());
        Assert.NotEqual(0UL, now.Peek(folder, "entry-012345-with-a-name-of-some-length"));
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(Errno.Ok, now.Unlink(folder, $"entry-{i:d6}-with-a-name-of-some-length"));
        }
        Assert.Empty(now.List(folder));
        store.Store.Commit();
        Assert.True(store.Store.Rows.Count < 20, $"{store.Store.Rows.Count} rows are left");
        Assert.Equal(3, store.Store.Statistics.Inodes);
    }

    public void Dispose() => store.Dispose();
}

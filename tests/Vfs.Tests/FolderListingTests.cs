using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs.Tests;

/// <summary>Listings without a handle: what a reader sees follows from its position and from the folder as it is by then.</summary>
public sealed class FolderListingTests
{
    private readonly Words words = new();
    private readonly GeneratedFolder fixedOnes = new();
    private readonly Mount mount;

    public FolderListingTests() => mount = new(new GeneratedFolder().Add("words", words).Add("fixed", fixedOnes).AddStored("memory", FakeStored.Memory));

    [Fact]
    public void What_stays_is_listed_once_by_every_reader_while_other_names_come_and_go()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        string[] stay = [.. Enumerable.Range(0, 40).Select(static i => $"stays{i}")];
        for (int round = 0; round < 50; round++)
        {
            words.Names = [.. stay];
            (ulong Cookie, List<string> Seen)[] readers = [(0, []), (0, []), (0, [])];
            while (readers.Any(static reader => reader.Cookie != ulong.MaxValue))
            {
                int which = random.Next(readers.Length);
                Advance(mount, ref readers[which], random.Next(1, 6));
                words.Names = [.. stay.OrderBy(_ => random.Next()), .. Enumerable.Range(0, random.Next(20)).Select(_ => $"passes{random.Next(60)}").Distinct()];
            }
            Assert.All(readers, reader =>
            {
                Assert.Equal([".", "..", .. stay.Order(StringComparer.Ordinal)], reader.Seen.Where(static name => !name.StartsWith("passes", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
                Assert.Equal(reader.Seen.Count, reader.Seen.Distinct().Count());
            });
        }
    }

    [Fact]
    public void A_reader_goes_on_where_it_was_under_a_successor()
    {
        words.Names = [.. Enumerable.Range(0, 30).Select(static i => $"word{i}")];
        (ulong Cookie, List<string> Seen) reader = (0, []);
        Advance(mount, ref reader, 12);
        Words again = new() { Names = [.. words.Names.Reverse()] };
        Mount successor = new(new GeneratedFolder().Add("other", new GeneratedFolder()).Add("words", again));
        while (reader.Cookie != ulong.MaxValue)
        {
            Advance(successor, ref reader, 5);
        }
        Assert.Equal([".", "..", .. words.Names.Order(StringComparer.Ordinal)], reader.Seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_change_of_a_listing_shows_a_later_mtime_and_nothing_else_does()
    {
        Timestamp last = mount.Mtime(words.Ino);
        foreach (string[] names in (string[][])[["a"], ["a", "b"], ["a"], [], ["b"]])
        {
            words.Names = names;
            Timestamp now = mount.Mtime(words.Ino);
            Assert.True(now.CompareTo(last) > 0, $"{now} follows {last}");
            Assert.Equal(now, mount.Mtime(words.Ino));
            Assert.Equal(names, mount.List(words.Ino)[2..]);
            Assert.Equal(now, mount.Mtime(words.Ino));
            Assert.Equal(now, mount.Lookup("words").Attr.Mtime);
            last = now;
        }
        words.Names = ["x", "y"];
        last = mount.Mtime(words.Ino);
        words.Names = ["y", "x"];
        Assert.Equal(last, mount.Mtime(words.Ino));
    }

    [Fact]
    public void A_listing_that_is_read_before_its_mtime_is_asked_for_changes_that_too()
    {
        Timestamp before = mount.Mtime(words.Ino);
        words.Names = ["new"];
        Assert.Equal([".", "..", "new"], mount.List(words.Ino));
        Assert.True(mount.Mtime(words.Ino).CompareTo(before) > 0);
    }

    [Fact]
    public void Adding_and_removing_a_fixed_child_shows_a_later_mtime_in_getattr_and_lookup()
    {
        Timestamp last = mount.Lookup("fixed").Attr.Mtime;
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(i % 2 == 0 ? fixedOnes.Add("child", GeneratedFile.OfText(() => "")) is not null : fixedOnes.Remove("child"));
            Timestamp now = mount.Lookup("fixed").Attr.Mtime;
            Assert.True(now.CompareTo(last) > 0, $"{now} follows {last}");
            Assert.Equal(now, mount.Mtime(fixedOnes.Ino));
            last = now;
        }
    }

    [Fact]
    public void A_name_that_is_a_fixed_childs_is_listed_once_even_when_that_is_hidden()
    {
        words.Add("both", GeneratedFile.OfText(() => "")).Add("hidden", GeneratedFile.OfText(() => ""), listed: false);
        words.Names = ["both", "hidden", "own"];
        Assert.Equal([".", "..", "both", "own"], mount.List(words.Ino));
    }

    [Fact]
    public void Every_listed_name_has_the_number_that_a_lookup_finds_also_after_its_folder_has_moved()
    {
        GeneratedFolder moved = new GeneratedFolder().Add("file", GeneratedFile.OfText(() => ""));
        fixedOnes.Add("moved", moved);
        Assert.Equal(mount.Lookup("fixed/moved/file").Attr.Ino, mount.ReadDir(moved.Ino, 2).Numbers.Single());
        fixedOnes.Remove("moved");
        mount.Table.Root.Add("elsewhere", moved);
        Assert.Equal(mount.Lookup("elsewhere/file").Attr.Ino, mount.ReadDir(moved.Ino, 2).Numbers.Single());
    }

    [Fact]
    public void Setting_the_mode_that_a_folder_has_leaves_it_the_node_that_the_kernel_is_told_about()
    {
        Entry before = mount.Lookup("fixed");
        SetAttr same = new() { Fields = SetAttrFields.Mode, Mode = before.Attr.Mode };
        Assert.Equal(Errno.Ok, mount.Table.SetAttr(new FakeRequest(), before.Node, same, out _, out _));
        Assert.Equal(before.Node, mount.Lookup("fixed").Node);
    }

    [Fact]
    public void A_folder_that_was_removed_while_it_is_read_has_ended()
    {
        GeneratedFolder goes = new GeneratedFolder().Add("file", GeneratedFile.OfText(() => ""));
        fixedOnes.Add("goes", goes);
        ulong node = mount.Lookup("fixed/goes").Node;
        ulong cookie = mount.ReadDir(node, 0, 1).Last;
        fixedOnes.Remove("goes");
        Assert.Empty(mount.ReadDir(node, cookie).Names);
        Assert.Empty(mount.ReadDir(node, 0).Names);
    }

    [Fact]
    public void Each_change_of_the_generated_children_of_a_stored_folder_shows_a_later_mtime_wherever_it_is_told()
    {
        ulong folder = mount.Stored.Put(FakeStored.Memory, "folder", isFolder: true);
        foreach (Timestamp stored in (Timestamp[])[new(1000, 5), new(Timestamp.Now.Seconds + 1_000_000, 999_999_999)])
        {
            mount.Stored.Mtime = stored;
            Timestamp last = stored;
            for (int i = 0; i < 100; i++)
            {
                if (i % 2 == 0)
                {
                    mount.Table.AddBelowStored(folder, "status", GeneratedFile.OfText(() => ""));
                }
                else
                {
                    Assert.True(mount.Table.RemoveBelowStored(folder, "status"));
                }
                Timestamp now = mount.Mtime(folder);
                Assert.True(now.CompareTo(last) > 0, $"{now} follows {last}");
                Assert.Equal(now, mount.Lookup("memory/folder").Attr.Mtime);
                Assert.Equal(Errno.Ok, mount.Table.SetAttr(new FakeRequest(), folder, default, out Attr set, out _));
                Assert.Equal(now, set.Mtime);
                ListSink plus = new(plus: true);
                Assert.Equal(Errno.Ok, mount.Table.ReadDir(new FakeRequest(), FakeStored.Memory, 0, plus));
                Assert.Equal(now, plus.Entries.Single().Attr.Mtime);
                last = now;
            }
        }
        Assert.Equal(mount.Stored.Mtime, mount.Mtime(FakeStored.Memory));
    }

    [Fact]
    public void The_mtime_of_a_mounted_stored_folder_that_carries_generated_children_is_shown_in_the_root_as_well()
    {
        mount.Table.AddBelowStored(FakeStored.Memory, "status", GeneratedFile.OfText(() => ""));
        Assert.NotEqual(mount.Stored.Mtime, mount.Mtime(FakeStored.Memory));
        Assert.Equal(mount.Mtime(FakeStored.Memory), mount.Lookup("memory").Attr.Mtime);
    }

    [Fact]
    public void Generated_children_that_come_and_go_do_not_move_a_reader_among_those_that_stay()
    {
        for (int i = 0; i < 20; i++)
        {
            mount.Stored.Put(FakeStored.Memory, $"stored{i:D2}");
            mount.Table.AddBelowStored(FakeStored.Memory, $"stays{i}", GeneratedFile.OfText(() => ""));
        }
        List<string> seen = [];
        ulong cookie = 0;
        for (int turn = 0; mount.ReadDir(FakeStored.Memory, cookie, 3) is { Names.Count: > 0 } page; turn++)
        {
            seen.AddRange(page.Names);
            cookie = page.Last;
            mount.Table.AddBelowStored(FakeStored.Memory, $"passes{turn}", GeneratedFile.OfText(() => ""));
            mount.Table.RemoveBelowStored(FakeStored.Memory, $"passes{turn - 3}");
        }
        Assert.Equal(40, seen.Distinct().Count(static name => !name.StartsWith("passes", StringComparison.Ordinal)));
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    private void Advance(Mount from, ref (ulong Cookie, List<string> Seen) reader, int room)
    {
        if (reader.Cookie == ulong.MaxValue)
        {
            return;
        }
        ListSink page = from.ReadDir(words.Ino, reader.Cookie, room);
        reader.Seen.AddRange(page.Names);
        reader.Cookie = page.Names.Count == 0 ? ulong.MaxValue : page.Last;
    }

    /// <summary>Lists what it is told to, each name once.</summary>
    private sealed class Words : GeneratedFolder
    {
        public string[] Names { get; set; } = [];

        protected internal override bool IsVolatile => true;

        protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name) =>
            Names.Contains(Encoding.UTF8.GetString(name)) ? GeneratedFile.OfText(() => "") : null;

        protected override IEnumerable<(string Name, uint Mode)> ListDynamic() => Names.Select(static name => (name, FileMode.Regular));
    }
}

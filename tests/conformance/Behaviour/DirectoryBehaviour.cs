using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Behaviour;

/// <summary>readdir(3), telldir(3), seekdir(3) while the folder changes.</summary>
public abstract class DirectoryBehaviour(ITarget target) : BehaviourTests(target)
{
    [Fact]
    public void Positions_stay_valid_while_names_before_them_are_removed()
    {
        string[] names = Fill(600);
        using DirectoryStream stream = new(Folder);
        List<string> seen = [];
        for (int round = 0; round < 6; round++)
        {
            List<string> batch = [.. stream.Rest().Take(100)];
            seen.AddRange(batch);
            long here = stream.Position;
            foreach (string name in batch)
                Sys.Unlink(In(name)).Must("unlink");
            stream.Seek(here);
        }
        Assert.Equal(names, seen.Order(StringComparer.Ordinal));
        Assert.Empty(DirectoryStream.Names(Folder));
    }

    [Fact]
    public void A_remembered_position_gives_the_same_names_again()
    {
        Fill(300);
        using DirectoryStream stream = new(Folder);
        _ = stream.Rest().Take(120).Count();
        long here = stream.Position;
        string[] first = [.. stream.Rest()];
        stream.Seek(here);
        Assert.Equal(first, stream.Rest());
        Assert.Equal(180, first.Length);
    }

    [Fact]
    public void Names_that_stay_are_seen_once_while_others_come_and_go()
    {
        string[] stay = Fill(400);
        using DirectoryStream stream = new(Folder);
        List<string> seen = [];
        int turn = 0;
        foreach (string name in stream.Rest())
        {
            seen.Add(name);
            string passing = In($"passing{turn++}");
            Sys.Close((int)Sys.Open(passing, Sys.WrOnly | Sys.Creat, 0b110_100_100).Must("open"));
            Sys.Rename(passing, passing + ".moved").Must("rename");
            Sys.Unlink(passing + ".moved").Must("unlink");
        }
        Assert.Equal(stay, seen.Where(n => !n.StartsWith("passing", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rewinding_shows_what_has_come_and_gone()
    {
        Fill(3);
        using DirectoryStream stream = new(Folder);
        Assert.Equal(3, stream.Rest().Count());
        Sys.Rename(In("f0000"), In("new")).Must("rename");
        Sys.Unlink(In("f0001")).Must("unlink");
        stream.Rewind();
        Assert.Equal(["f0002", "new"], stream.Rest().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_next_listing_shows_what_was_made_moved_and_removed()
    {
        HashSet<string> names = [];
        for (int i = 0; i < 300; i++)
        {
            string name = $"n{i}";
            if (i % 3 == 0)
                Sys.MkDir(In(name), 0b111_101_101).Must("mkdir");
            else
                Sys.Close((int)Sys.Open(In(name), Sys.WrOnly | Sys.Creat, 0b110_100_100).Must("open"));
            names.Add(name);
            Assert.Equal(names.Order(StringComparer.Ordinal), DirectoryStream.Names(Folder));
            if (i % 4 == 1)
            {
                Sys.Rename(In(name), In(name + ".moved")).Must("rename");
                names.Remove(name);
                names.Add(name + ".moved");
                Assert.Equal(names.Order(StringComparer.Ordinal), DirectoryStream.Names(Folder));
            }
            else if (i % 6 == 3)
            {
                Sys.RmDir(In(name)).Must("rmdir");
                names.Remove(name);
                Assert.Equal(names.Order(StringComparer.Ordinal), DirectoryStream.Names(Folder));
            }
        }
    }

    [Fact]
    public void A_name_that_moves_to_another_folder_leaves_one_listing_and_joins_the_other()
    {
        Sys.MkDir(In("from"), 0b111_101_101).Must("mkdir");
        Sys.MkDir(In("to"), 0b111_101_101).Must("mkdir");
        Sys.Close((int)Sys.Open(In("from/f"), Sys.WrOnly | Sys.Creat, 0b110_100_100).Must("open"));
        for (int i = 0; i < 20; i++)
        {
            (string here, string there) = i % 2 == 0 ? ("from", "to") : ("to", "from");
            Assert.Equal(["f"], DirectoryStream.Names(In(here)));
            Assert.Empty(DirectoryStream.Names(In(there)));
            Sys.Rename(In(here + "/f"), In(there + "/f")).Must("rename");
            Assert.Empty(DirectoryStream.Names(In(here)));
            Assert.Equal(["f"], DirectoryStream.Names(In(there)));
        }
    }

    [Fact]
    public void A_folder_that_is_removed_while_it_is_open_has_no_more_names()
    {
        Sys.MkDir(In("goes"), 0b111_101_101).Must("mkdir");
        using DirectoryStream stream = new(In("goes"));
        Assert.NotNull(stream.Next());
        Sys.RmDir(In("goes")).Must("rmdir");
        Assert.Empty(stream.Rest());
        stream.Rewind();
        Assert.Null(stream.Next());
    }

    [Fact]
    public void Five_thousand_names_can_be_removed_as_they_are_listed()
    {
        const int Count = 5000;
        Fill(Count);
        using (DirectoryStream stream = new(Folder))
        {
            int removed = 0;
            foreach (string name in stream.Rest())
            {
                Sys.Unlink(In(name)).Must("unlink");
                removed++;
            }
            Assert.Equal(Count, removed);
        }
        Assert.Empty(DirectoryStream.Names(Folder));
    }

    [Fact]
    public void Two_readers_in_turns_see_every_name_that_stays_once_while_one_of_them_removes_the_others()
    {
        string[] names = Fill(1200);
        using DirectoryStream first = new(Folder), second = new(Folder);
        List<string> firstSaw = [], secondSaw = [];
        for (bool more = true; more;)
        {
            more = false;
            foreach (string name in first.Rest().Take(7))
            {
                more = true;
                firstSaw.Add(name);
                if (int.Parse(name[1..], System.Globalization.CultureInfo.InvariantCulture) % 3 == 0)
                    Sys.Unlink(In(name)).Must("unlink");
            }
            foreach (string name in second.Rest().Take(5))
            {
                more = true;
                secondSaw.Add(name);
            }
        }
        Assert.Equal(names, firstSaw.Order(StringComparer.Ordinal));
        string[] stay = [.. names.Where((_, i) => i % 3 != 0)];
        Assert.Equal(secondSaw.Count, secondSaw.Distinct().Count());
        Assert.Empty(stay.Except(secondSaw));
        Assert.Equal(stay, DirectoryStream.Names(Folder));
    }

    [Fact]
    public void Dot_and_dot_dot_are_listed_once()
    {
        using DirectoryStream stream = new(Folder);
        List<string> all = [];
        while (stream.Next() is { } name)
            all.Add(name);
        Assert.Equal([".", ".."], all.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Listing_and_stat_agree_on_type_and_number()
    {
        Sys.MkDir(In("dir"), 0b111_101_101).Must("mkdir");
        Sys.SymLink("dir", In("symlink")).Must("symlink");
        Sys.MkNod(In("fifo"), 0x1000 | 0b110_100_100).Must("mknod");
        Sys.MkNod(In("file"), 0x8000 | 0b110_100_100).Must("mknod");
        using DirectoryStream stream = new(Folder);
        foreach (string name in stream.Rest())
        {
            Stat.Of(In(name), follow: false, out Stat stat).Must("stat");
            Assert.Equal((name, stat.Mode >> 12, stat.Ino), (stat.Type, stream.LastType, stream.LastInode));
        }
    }

    [Fact]
    public void A_thousand_folders_deep_is_reachable_step_by_step()
    {
        const int Depth = 1000;
        Identity.OnOwnThread(null, () =>
        {
            Sys.ChDir(Folder).Must("chdir");
            for (int i = 0; i < Depth; i++)
            {
                Sys.MkDir("deeper", 0b111_101_101).Must("mkdir");
                Sys.ChDir("deeper").Must("chdir");
            }
            for (int i = 0; i < Depth; i++)
            {
                Sys.ChDir("..").Must("chdir ..");
                Sys.RmDir("deeper").Must("rmdir");
            }
        });
        Assert.Empty(DirectoryStream.Names(Folder));
    }

    [Fact]
    public void Forty_links_are_followed_and_forty_one_are_a_loop()
    {
        Write("end", "x"u8);
        Sys.SymLink("end", In("l1")).Must("symlink");
        for (int i = 2; i <= 41; i++)
            Sys.SymLink($"l{i - 1}", In($"l{i}")).Must("symlink");
        Assert.Null(Stat.Of(In("l40"), follow: true, out _).Error);
        Assert.Equal("ELOOP", Stat.Of(In("l41"), follow: true, out _).Error);
    }

    private string[] Fill(int count)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"f{i:D4}")];
        foreach (string name in names)
            Sys.Close((int)Sys.Open(In(name), Sys.WrOnly | Sys.Creat, 0b110_100_100).Must("open"));
        return names;
    }
}

[Collection(Ext4Target.Name)]
public sealed class Directories_on_ext4(Ext4Target target) : DirectoryBehaviour(target);

[Collection(ClawTarget.Name)]
public sealed class Directories_on_claw(ClawTarget target) : DirectoryBehaviour(target);

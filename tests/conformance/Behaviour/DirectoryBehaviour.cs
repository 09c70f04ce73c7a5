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

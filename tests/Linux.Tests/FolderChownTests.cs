namespace ClawFS.Linux.Tests;

public sealed class FolderChownTests
{
    [Fact]
    public void The_tree_changes_owner_and_symlinks_do_not_lead_out()
    {
        SkipUnlessRoot();
        using TempFolder temp = new();
        using TempFolder outside = new();
        using Folder folder = temp.Open();
        Directory.CreateDirectory(temp["a/b"]);
        File.WriteAllText(temp["a/b/file"], "x");
        File.WriteAllText(outside["victim"], "x");
        File.CreateSymbolicLink(temp["a/link"], outside["victim"]);

        folder.Chown(60911, 60912);

        Assert.Equal("60911:60912", Stat.OwnerOf(temp.Path));
        Assert.Equal("60911:60912", Stat.OwnerOf(temp["a/b/file"]));
        Assert.Equal("0:0", Stat.OwnerOf(outside["victim"]));
    }

    [Fact]
    public void A_hard_link_planted_by_a_user_is_refused()
    {
        SkipUnlessRoot();
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        Directory.CreateDirectory(temp["outside"]);
        Directory.CreateDirectory(temp["store"]);
        File.WriteAllText(temp["outside/shadow"], "x");
        Stat.HardLink(temp["outside/shadow"], temp["store/planted"]);
        using Folder store = folder.OpenFolder("store");

        LinuxException e = Assert.Throws<LinuxException>(() => store.Chown(60911, 60911));

        Assert.Equal(Errno.EMLINK, e.Error);
        Assert.Equal("0:0", Stat.OwnerOf(temp["outside/shadow"]));
    }

    private static void SkipUnlessRoot()
    {
        if (ProcessIdentity.Uid != 0)
            Assert.Skip("chown needs root");
    }
}

namespace ClawFS.Linux.Tests;

public sealed class FolderTests
{
    [Fact]
    public void A_missing_folder_is_ENOENT_with_its_path()
    {
        LinuxException e = Assert.Throws<LinuxException>(() => Folder.Open("/no/such/folder"));

        Assert.Equal(Errno.ENOENT, e.Error);
        Assert.Contains("/no/such/folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenOrCreate_makes_the_parents_private()
    {
        using TempFolder temp = new();
        using Folder folder = Folder.OpenOrCreate(temp["a/b/c"]);

        Assert.Empty(folder.List());
        Assert.Equal("700", Stat.ModeOf(temp["a/b"]));
        using Folder again = Folder.OpenOrCreate(temp["a/b/c"]);
    }

    [Fact]
    public void CreateNew_refuses_a_name_that_is_taken()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        folder.Open("x", StorageMode.CreateNew).Dispose();

        LinuxException e = Assert.Throws<LinuxException>(() => folder.Open("x", StorageMode.CreateNew));
        Assert.Equal(Errno.EEXIST, e.Error);
        Assert.Equal("600", Stat.ModeOf(temp["x"]));
    }

    [Fact]
    public void A_symlink_is_never_followed()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        File.CreateSymbolicLink(temp["link"], "/etc/passwd");
        File.CreateSymbolicLink(temp["dir"], "/etc");

        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => folder.Open("link", StorageMode.Read)).Error);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<LinuxException>(() => folder.OpenFolder("dir")).Error);
        Assert.True(folder.Exists("link"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public void A_name_is_one_component(string name)
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();

        Assert.Throws<ArgumentException>(() => folder.Open(name, StorageMode.CreateOrOpen));
        Assert.Throws<ArgumentException>(() => folder.Delete(name));
        Assert.Throws<ArgumentException>(() => folder.OpenFolder(name, create: true));
    }

    [Fact]
    public void The_folder_stays_the_same_when_its_name_changes()
    {
        using TempFolder temp = new();
        using Folder folder = Folder.OpenOrCreate(temp["before"]);
        Directory.Move(temp["before"], temp["after"]);
        folder.Open("x", StorageMode.CreateNew).Dispose();

        Assert.True(File.Exists(temp["after/x"]));
    }

    [Fact]
    public void Delete_tells_whether_there_was_a_file()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        folder.Open("x", StorageMode.CreateNew).Dispose();

        Assert.True(folder.Delete("x"));
        Assert.False(folder.Delete("x"));
        Assert.False(folder.Exists("x"));
    }

    [Fact]
    public void Rename_replaces_and_survives_a_sync()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        File.WriteAllText(temp["new"], "new");
        File.WriteAllText(temp["x"], "old");

        folder.Rename("new", "x");
        folder.Sync();

        Assert.Equal("new", File.ReadAllText(temp["x"]));
        Assert.Equal(["x"], folder.List());
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => folder.Rename("new", "x")).Error);
    }

    [Fact]
    public void List_names_everything_more_than_once_and_beyond_one_buffer()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        string[] names = [.. Enumerable.Range(0, 2000).Select(i => $"segment-with-a-long-name-{i:d6}")];
        foreach (string name in names)
            File.WriteAllBytes(temp[name], []);
        folder.OpenFolder("child", create: true).Dispose();

        for (int i = 0; i < 2; i++)
            Assert.Equal(["child", .. names], folder.List().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Free_space_is_what_the_runtime_sees_too()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();

        long expected = new DriveInfo(temp.Path).AvailableFreeSpace;
        Assert.InRange(folder.FreeBytes, expected / 2, expected * 2 + 1);
    }

    [Fact]
    public void A_disposed_folder_opens_nothing()
    {
        using TempFolder temp = new();
        Folder folder = temp.Open();
        folder.Dispose();

        Assert.Throws<ObjectDisposedException>(() => folder.Open("x", StorageMode.CreateNew));
    }
}

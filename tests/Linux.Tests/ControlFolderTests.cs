namespace ClawFS.Linux.Tests;

public sealed class ControlFolderTests
{
    [Fact]
    public void A_folder_is_made_once_and_removed_when_it_is_empty()
    {
        using TempFolder temp = new();
        Assert.True(ControlFolder.TryMake(temp["a"]));
        Assert.False(ControlFolder.TryMake(temp["a"]));
        File.WriteAllText(temp["a/file"], "");
        Assert.False(ControlFolder.TryRemove(temp["a"]));
        File.Delete(temp["a/file"]);
        Assert.True(ControlFolder.TryRemove(temp["a"]));
        Assert.True(ControlFolder.TryRemove(temp["a"]));
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => ControlFolder.TryMake(temp["a/b"])).Error);
    }

    [Fact]
    public void One_owner_has_the_lock_until_it_lets_go()
    {
        using TempFolder temp = new();
        using (FileDescriptor owner = ControlFolder.Lock(temp.Path))
            Assert.Null(ControlFolder.TryLock(temp.Path));
        using FileDescriptor? next = ControlFolder.TryLock(temp.Path);
        Assert.NotNull(next);
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => ControlFolder.TryLock(temp["absent"])).Error);
    }
}

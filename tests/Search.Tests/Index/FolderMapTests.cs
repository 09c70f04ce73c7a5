using ClawFS.Search.Index;

namespace ClawFS.Search.Tests.Index;

public sealed class FolderMapTests
{
    private readonly FolderMap map = new();

    public FolderMapTests()
    {
        map.Set(10, 2, "projects"u8.ToArray());
        map.Set(11, 10, "x"u8.ToArray());
        map.Set(12, 10, "y"u8.ToArray());
        map.Set(13, 11, "deep"u8.ToArray());
        map.Set(20, 2, "x"u8.ToArray());
    }

    [Fact]
    public void A_path_leads_to_its_folder_and_to_all_below()
    {
        Assert.Equal([11UL], map.Find(2, "projects/x"));
        Assert.Equal([2UL], map.Find(2, ""));
        Assert.Empty(map.Find(2, "projects/z"));
        Assert.Equal([11UL, 13UL], map.Below([11]).Order());
        Assert.Equal([10UL, 11UL, 12UL, 13UL], map.Below([10]).Order());
        Assert.Equal([11UL, 12UL], map.Find(2, "projects/*").Order());
    }

    [Fact]
    public void A_moved_folder_takes_along_what_is_below()
    {
        map.Set(11, 20, "moved"u8.ToArray());
        Assert.Equal([10UL, 12UL], map.Below([10]).Order());
        Assert.Equal([11UL, 13UL, 20UL], map.Below([20]).Order());
        map.Remove(11);
        Assert.Equal([20UL], map.Below([20]).Order());
    }

    [Fact]
    public void Folders_that_contain_each_other_by_mistake_end_the_search()
    {
        map.Set(30, 31, "a"u8.ToArray());
        map.Set(31, 30, "b"u8.ToArray());
        Assert.Equal([20UL], map.Below([20]).Order());
    }
}

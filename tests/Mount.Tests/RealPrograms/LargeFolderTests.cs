using ClawOS.Mounting;
using ClawOS.Mounting.Posix;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.RealPrograms;

[Collection(SharedMountCollection.Name)]
public sealed class LargeFolderTests(SharedMount mount)
{
    [Fact]
    public void A_folder_of_65536_entries_lists_each_once_and_goes_again()
    {
        const int Count = 65536;
        using TestFolder folder = mount.NewFolder();
        string path = PathBytes.FromText(folder.Path);
        for (int i = 0; i < Count; i++)
            Sys.MkNod($"{path}/entry{i:D6}", 0x8000 | 0b110_100_100).Must("mknod");
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"entry{i:D6}"), DirectoryStream.Names(path));
        Assert.Equal($"{Count}", Shell(folder.Path, "ls -f | grep -c entry").Trim());
        Assert.Equal("1", Shell(folder.Path, "find . -name entry065535 | wc -l").Trim());
        Shell(folder.Path, "find . -name '*7' -delete; ls -f | grep -c entry | grep -qx 58983; rm -rf entry*[0-4]; ls | wc -l", 120);
        Shell("/", $"rm -rf '{folder.Path}'/..?* && rm -r '{folder.Path}' && mkdir '{folder.Path}'", 120);
        Assert.Empty(DirectoryStream.Names(path));
    }
}

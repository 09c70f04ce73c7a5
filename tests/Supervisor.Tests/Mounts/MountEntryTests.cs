using ClawFS.Linux;

namespace Supervisor.Tests.Mounts;

public sealed class MountEntryTests
{
    [Fact]
    public void A_line_with_optional_fields_is_read()
    {
        MountEntry entry = MountEntry.Parse("36 35 0:57 / /mnt/claw rw,nosuid master:1 shared:2 - fuse.clawfs clawfs rw,user_id=0")!;
        Assert.Equal(new MountEntry("0:57", "/mnt/claw", "fuse.clawfs", "clawfs", ReadOnly: false), entry);
        Assert.Equal(57, entry.Minor);
    }

    [Fact]
    public void Escapes_are_undone_and_other_letters_stay() =>
        Assert.Equal("/a b\tc\\d\nü", MountEntry.Parse(@"1 2 0:3 / /a\040b\011c\134d\012ü rw - fuse.x y rw")!.MountPoint);

    [Theory]
    [InlineData("1 2 0:3 / /m ro - ext4 /dev/a rw")]
    [InlineData("1 2 0:3 / /m rw - ext4 /dev/a ro,relatime")]
    public void Read_only_counts_on_the_mount_and_on_the_file_system(string line) => Assert.True(MountEntry.Parse(line)!.ReadOnly);

    [Theory]
    [InlineData("")]
    [InlineData("36 35 0:57 / /mnt")]
    [InlineData("36 35 nonsense / /mnt rw - a b c")]
    [InlineData(" - ")]
    public void What_is_no_line_is_null(string line) => Assert.Null(MountEntry.Parse(line));

    [Fact]
    public void The_root_is_mounted_here() => Assert.NotNull(MountEntry.FindAt("/"));
}

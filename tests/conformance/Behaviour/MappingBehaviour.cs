using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Behaviour;

/// <summary>mmap(2): one file, one content, whichever way it is reached.</summary>
public abstract class MappingBehaviour(ITarget target) : BehaviourTests(target)
{
    private const int Page = 4096;

    [Fact]
    public void A_shared_mapping_and_read_see_each_other()
    {
        int fd = Open("f", Sys.RdWr | Sys.Creat);
        Sys.FTruncate(fd, 2 * Page).Must("ftruncate");
        using Mapping map = new(fd, 0, 2 * Page, shared: true);
        map[5] = 7;
        byte[] one = new byte[1];
        Sys.PRead(fd, one, 5).Must("pread");
        Assert.Equal(7, one[0]);
        Sys.PWrite(fd, [9], Page + 3).Must("pwrite");
        Assert.Equal(9, map[Page + 3]);
        Sys.Close(fd);
    }

    [Fact]
    public void Two_shared_mappings_are_one_memory()
    {
        int a = Open("f", Sys.RdWr | Sys.Creat);
        int b = Open("f", Sys.RdWr);
        Sys.FTruncate(a, Page).Must("ftruncate");
        using Mapping first = new(a, 0, Page, shared: true);
        using Mapping second = new(b, 0, Page, shared: true);
        first[100] = 1;
        second[101] = 2;
        Assert.Equal((1, 2), (second[100], first[101]));
        Sys.Close(a);
        Sys.Close(b);
    }

    [Fact]
    public void A_private_mapping_keeps_its_changes_to_itself()
    {
        Write("f", "abcd"u8);
        int fd = Open("f", Sys.RdWr);
        using (Mapping map = new(fd, 0, Page, shared: false))
        {
            map[0] = (byte)'z';
            map.Sync().Must("msync");
        }
        Sys.Close(fd);
        Assert.Equal("abcd"u8.ToArray(), Read("f"));
    }

    [Fact]
    public void Bytes_past_the_end_of_the_last_page_are_zero_and_not_kept()
    {
        Write("f", "abc"u8);
        int fd = Open("f", Sys.RdWr);
        using (Mapping map = new(fd, 0, Page, shared: true))
        {
            Assert.Equal(0, map[3]);
            map[3] = 1;
            map.Sync().Must("msync");
        }
        Sys.FTruncate(fd, 10).Must("ftruncate");
        byte[] after = new byte[10];
        Sys.PRead(fd, after, 0).Must("pread");
        Assert.Equal("abc\0\0\0\0\0\0\0"u8.ToArray(), after);
        Sys.Close(fd);
    }

    [Fact]
    public void A_mapping_outlives_descriptor_and_name()
    {
        Write("f", "abc"u8);
        int fd = Open("f", Sys.RdWr);
        using Mapping map = new(fd, 0, Page, shared: true);
        Sys.Close(fd);
        Sys.Unlink(In("f")).Must("unlink");
        map[1] = (byte)'x';
        map.Sync().Must("msync");
        Assert.Equal((byte)'x', map[1]);
    }

    [Fact]
    public void A_mapped_write_moves_mtime_after_msync()
    {
        Write("f", new byte[Page]);
        int fd = Open("f", Sys.RdWr);
        Sys.FUTimes(fd, [1000, 0, 1000, 0]).Must("futimens");
        using (Mapping map = new(fd, 0, Page, shared: true))
        {
            map[0] = 1;
            map.Sync().Must("msync");
        }
        Sys.FSync(fd).Must("fsync");
        Stat.Of(fd, out Stat stat).Must("fstat");
        Assert.True(stat.Mtime > (Int128)2000 * 1_000_000_000, $"mtime is {stat.Mtime}");
        Sys.Close(fd);
    }

    [Fact]
    public void Pages_written_through_a_mapping_of_a_hole_are_data()
    {
        int fd = Open("f", Sys.RdWr | Sys.Creat);
        Sys.FTruncate(fd, 64 * Page).Must("ftruncate");
        using (Mapping map = new(fd, 32 * Page, Page, shared: true))
        {
            map[0] = 5;
            map.Sync().Must("msync");
        }
        Sys.FSync(fd).Must("fsync");
        Assert.Equal(32 * Page, Sys.LSeek(fd, 0, Sys.SeekData).Value);
        Sys.Close(fd);
    }
}

[Collection(Ext4Target.Name)]
public sealed class Mappings_on_ext4(Ext4Target target) : MappingBehaviour(target);

[Collection(ClawTarget.Name)]
public sealed class Mappings_on_claw(ClawTarget target) : MappingBehaviour(target);

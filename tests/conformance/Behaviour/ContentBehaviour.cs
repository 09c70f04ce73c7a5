using System.Security.Cryptography;
using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Behaviour;

/// <summary>Larger contents and maps of holes.</summary>
public abstract class ContentBehaviour(ITarget target) : BehaviourTests(target)
{
    [Fact]
    public void Alternating_data_and_holes_are_found_one_by_one()
    {
        const int Step = 64 * 1024, Pieces = 32;
        byte[] data = RandomNumberGenerator.GetBytes(Step);
        int fd = Open("f", Sys.RdWr | Sys.Creat);
        for (int i = 0; i < Pieces; i++)
            Sys.PWrite(fd, data, 2L * i * Step).Must("pwrite");
        Sys.FSync(fd).Must("fsync");
        long at = 0;
        for (int i = 0; i < Pieces; i++)
        {
            Assert.Equal(2L * i * Step, Sys.LSeek(fd, at, Sys.SeekData).Value);
            at = Sys.LSeek(fd, 2L * i * Step, Sys.SeekHole).Value;
            Assert.Equal((2L * i + 1) * Step, at);
        }
        Assert.Equal("ENXIO", Sys.LSeek(fd, at, Sys.SeekData).Error);
        Sys.Close(fd);
    }

    [Fact]
    public void Thirty_megabytes_come_back_by_any_reader()
    {
        byte[] data = RandomNumberGenerator.GetBytes(30 * 1024 * 1024 + 17);
        Write("big", data);
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(Read("big")));
        int fd = Open("big", Sys.RdOnly);
        byte[] piece = new byte[10_000];
        for (long offset = 1; offset < data.Length; offset += 999_983)
        {
            int count = (int)Sys.PRead(fd, piece, offset).Must("pread");
            Assert.True(data.AsSpan((int)offset, count).SequenceEqual(piece.AsSpan(0, count)), $"at {offset}");
        }
        Sys.Close(fd);
    }

    [Fact]
    public void Blocks_grow_with_data_and_shrink_with_holes()
    {
        const int Size = 4 * 1024 * 1024;
        int fd = Open("f", Sys.RdWr | Sys.Creat);
        Sys.Write(fd, RandomNumberGenerator.GetBytes(Size)).Must("write");
        Sys.FSync(fd).Must("fsync");
        Assert.True(Blocks(fd) * 512 >= Size, $"{Blocks(fd)} sectors for {Size} bytes");
        Sys.FAllocate(fd, Sys.PunchHole | Sys.KeepSize, Size / 2, Size / 2).Must("punch");
        Sys.FSync(fd).Must("fsync");
        Assert.InRange(Blocks(fd) * 512, (ulong)Size / 2, (ulong)Size / 2 + 65536);
        Sys.FTruncate(fd, 0).Must("ftruncate");
        Sys.FSync(fd).Must("fsync");
        Assert.Equal(0UL, Blocks(fd));
        Sys.Close(fd);
    }

    [Fact]
    public void Inode_numbers_are_unique_and_stay()
    {
        Dictionary<string, ulong> numbers = [];
        for (int i = 0; i < 500; i++)
        {
            Write($"f{i}", "x"u8);
            Stat.Of(In($"f{i}"), follow: false, out Stat stat).Must("stat");
            numbers.Add($"f{i}", stat.Ino);
        }
        Assert.Equal(numbers.Count, numbers.Values.Distinct().Count());
        foreach ((string name, ulong number) in numbers)
        {
            Stat.Of(In(name), follow: false, out Stat stat).Must("stat");
            Assert.Equal(number, stat.Ino);
        }
    }

    [Fact]
    public void Birth_time_stays_while_the_file_changes()
    {
        Write("f", "x"u8);
        Stat.Of(In("f"), follow: false, out Stat before).Must("stat");
        ClockTick.Wait();
        Write("f", "yy"u8);
        Sys.Rename(In("f"), In("g")).Must("rename");
        Stat.Of(In("g"), follow: false, out Stat after).Must("stat");
        Assert.Equal(before.Btime, after.Btime);
        Assert.NotEqual(Int128.Zero, after.Btime);
    }

    private static ulong Blocks(int fd)
    {
        Stat.Of(fd, out Stat stat).Must("fstat");
        return stat.Blocks;
    }
}

[Collection(Ext4Target.Name)]
public sealed class Contents_on_ext4(Ext4Target target) : ContentBehaviour(target);

[Collection(ClawTarget.Name)]
public sealed class Contents_on_claw(ClawTarget target) : ContentBehaviour(target);

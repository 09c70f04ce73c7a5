namespace ClawFS.Linux.Tests;

public sealed class StorageFileTests
{
    [Fact]
    public void What_is_written_is_read_back_at_its_offset()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        using StorageFile file = folder.Open("x", StorageMode.CreateNew);
        byte[] data = new byte[100_000];
        new Random(1).NextBytes(data);

        file.Write(data, 12_345);
        file.SyncData();
        byte[] read = new byte[100_000];

        Assert.Equal(read.Length, file.Read(read, 12_345));
        Assert.Equal(data, read);
        Assert.Equal(112_345, file.Length);
    }

    [Fact]
    public void A_read_across_the_end_is_short_and_behind_it_empty()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        using StorageFile file = folder.Open("x", StorageMode.CreateNew);
        file.Write("hello"u8, 0);
        byte[] buffer = new byte[10];

        Assert.Equal(3, file.Read(buffer, 2));
        Assert.Equal("llo"u8, buffer.AsSpan(0, 3));
        Assert.Equal(0, file.Read(buffer, 5));
        Assert.Equal(0, file.Read([], 0));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 5)]
    [InlineData(7, 0)]
    [InlineData(24, 4096)]
    public void Two_parts_are_written_behind_each_other(int first, int second)
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        using StorageFile file = folder.Open("x", StorageMode.CreateNew);
        byte[] a = [.. Enumerable.Repeat((byte)1, first)];
        byte[] b = [.. Enumerable.Repeat((byte)2, second)];

        file.Write2(a, b, 3);

        Assert.Equal(first + second == 0 ? [] : new byte[] { 0, 0, 0 }.Concat(a).Concat(b), File.ReadAllBytes(temp["x"]));
    }

    [Fact]
    public void A_full_disk_is_ENOSPC_to_the_writer()
    {
        using Folder dev = Folder.Open("/dev");
        using StorageFile full = dev.Open("full", StorageMode.ReadWrite);

        LinuxException e = Assert.Throws<LinuxException>(() => full.Write("x"u8, 0));
        Assert.Equal("write /dev/full: no space left on device (ENOSPC)", e.Message);
        Assert.Equal(Errno.ENOSPC, Assert.Throws<LinuxException>(() => full.Write2("x"u8, "y"u8, 0)).Error);
    }

    [Fact]
    public void A_file_opened_for_reading_refuses_writes()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        File.WriteAllText(temp["x"], "x");
        using StorageFile file = folder.Open("x", StorageMode.Read);

        Assert.Equal(Errno.EBADF, Assert.Throws<LinuxException>(() => file.Write("y"u8, 0)).Error);
    }

    [Fact]
    public void Space_is_reserved_without_length_and_given_back_as_zeros()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        using StorageFile file = folder.Open("x", StorageMode.CreateNew);
        byte[] ones = [.. Enumerable.Repeat((byte)1, 3 * 4096)];
        try
        {
            file.Allocate(0, 1 << 20);
        }
        catch (LinuxException e) when (e.Error == Errno.EOPNOTSUPP)
        {
            Assert.Skip("this file system has no fallocate");
        }
        Assert.Equal(0, file.Length);
        file.Write(ones, 0);

        file.PunchHole(4096, 4096);

        byte[] read = new byte[3 * 4096];
        file.Read(read, 0);
        Assert.Equal([.. ones[..4096], .. new byte[4096], .. ones[..4096]], read);
    }

    [Fact]
    public void Truncate_cuts_and_extends_with_zeros()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        using StorageFile file = folder.Open("x", StorageMode.CreateNew);
        file.Write("hello"u8, 0);

        file.Truncate(2);
        file.Truncate(4);

        Assert.Equal("he\0\0"u8, File.ReadAllBytes(temp["x"]));
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => file.Truncate(-1)).Error);
    }

    [Fact]
    public void A_hint_is_never_an_error()
    {
        using Folder dev = Folder.Open("/dev");
        using StorageFile zero = dev.Open("zero", StorageMode.Read);

        zero.AdviseWillNeed(0, -1);
    }

    [Fact]
    public void Reads_and_writes_allocate_nothing()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        using StorageFile file = folder.Open("x", StorageMode.CreateNew);
        byte[] block = new byte[4096];
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            file.Write(block, 0);
            file.Write2(block, block, 4096);
            file.Read(block, 0);
            file.SyncData();
            _ = file.Length;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task Closing_a_file_while_others_read_it_never_reads_another_file()
    {
        using TempFolder temp = new();
        using Folder folder = temp.Open();
        File.WriteAllBytes(temp["right"], [.. Enumerable.Repeat((byte)1, 4096)]);
        File.WriteAllBytes(temp["wrong"], [.. Enumerable.Repeat((byte)2, 4096)]);
        for (int round = 0; round < 200; round++)
        {
            StorageFile file = folder.Open("right", StorageMode.Read);
            Task<byte> reader = Task.Run(() => ReadUntilClosed(file));
            file.Dispose();
            using StorageFile other = folder.Open("wrong", StorageMode.Read);
            Assert.NotEqual(2, await reader);
        }
    }

    private static byte ReadUntilClosed(StorageFile file)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (buffer[0] != 2)
                file.Read(buffer, 0);
        }
        catch (ObjectDisposedException)
        {
            return buffer[0];
        }
        return buffer[0];
    }
}

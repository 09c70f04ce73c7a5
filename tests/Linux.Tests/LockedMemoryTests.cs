namespace ClawFS.Linux.Tests;

public sealed class LockedMemoryTests
{
    [Fact]
    public void Secrets_are_locked_left_out_of_dumps_and_wiped_in_children()
    {
        using LockedMemory memory = new(32);
        if (!memory.Locked)
            Assert.Skip("RLIMIT_MEMLOCK is used up here");

        string[] flags = FlagsOf(memory.DangerousGetHandle());
        Assert.Contains("lo", flags);
        Assert.Contains("dd", flags);
        Assert.Contains("wf", flags);
    }

    [Fact]
    public void Memory_starts_zeroed_and_has_the_length_asked_for()
    {
        using LockedMemory memory = new(5000);

        Assert.Equal(5000, memory.Span.Length);
        Assert.False(memory.Span.ContainsAnyExcept((byte)0));
        memory.Span.Fill(7);
    }

    [Fact]
    public void Disposed_memory_is_not_handed_out()
    {
        LockedMemory memory = new(32);
        memory.Dispose();

        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_length_below_one_is_refused(int length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LockedMemory(length));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBuffer(length));
    }

    [Fact]
    public void An_IO_buffer_begins_on_a_page()
    {
        using NativeBuffer buffer = new(100);

        Assert.Equal(0, buffer.DangerousGetHandle() % Environment.SystemPageSize);
        Assert.Equal(100, buffer.Span.Length);
        buffer.Span.Fill(1);
    }

    // VmFlags of the mapping that begins at the address (proc_pid_smaps(5)).
    private static string[] FlagsOf(nint address)
    {
        using StreamReader smaps = new("/proc/self/smaps");
        bool found = false;
        while (smaps.ReadLine() is { } line)
        {
            found |= Covers(line, address);
            if (found && line.StartsWith("VmFlags:", StringComparison.Ordinal))
                return line[8..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        return [];
    }

    private static bool Covers(string line, nint address)
    {
        string[] range = line.Split(' ')[0].Split('-');
        return range.Length == 2
            && long.TryParse(range[0], System.Globalization.NumberStyles.HexNumber, null, out long start)
            && long.TryParse(range[1], System.Globalization.NumberStyles.HexNumber, null, out long end)
            && start <= address && address < end;
    }

    [Fact]
    public void A_buffer_that_was_made_resident_has_all_its_pages()
    {
        // More than the allocator's largest threshold, so that it is a mapping of its own.
        const int length = 48 << 20;
        long before = ResidentBytes();
        using NativeBuffer buffer = new(length);
        Assert.InRange(ResidentBytes() - before, long.MinValue, length / 2);
        buffer.MakeResident();
        Assert.InRange(ResidentBytes() - before, length - (length / 10), long.MaxValue);
    }

    private static long ResidentBytes() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize;
}

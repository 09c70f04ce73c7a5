using System.Globalization;
using ClawOS.Mount.Tests.Restart;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Memory;

/// <summary>Writers and fs with little memory go on: what the kernel has to write back to get memory is written back by a process that itself needs memory.</summary>
public sealed class MemoryPressureTests(ITestOutputHelper output) : ProductTests
{
    private const long Mebi = 1 << 20;

    /// <summary>Writes, changes a part through a mapping and reads all back, each block made from its number.</summary>
    private const string Writer = """
        import hashlib, mmap, os, sys
        path, size, mapped = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        def block(i, version): return hashlib.shake_128(b"%d %d" % (i, version)).digest(4096) * 256
        f = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        for i in range(size): os.pwrite(f, block(i, 1), i << 20)
        os.fsync(f)
        m = mmap.mmap(f, mapped << 20)
        for i in range(mapped): m[i << 20:(i + 1) << 20] = block(i, 2)
        m.flush()
        m.close()
        os.fsync(f)
        for i in range(size): assert os.pread(f, 1 << 20, i << 20) == block(i, 2 if i < mapped else 1), i
        print("verified", size)
        """;

    /// <summary>Takes anonymous memory that nothing can reclaim, and keeps it.</summary>
    private const string Hog = """
        import mmap, signal, sys
        size = int(sys.argv[1])
        m = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for at in range(0, size, 4096): m[at] = 1
        print("taken", flush=True)
        signal.pause()
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_program_with_little_memory_writes_much_through_the_mount_and_reads_it_back()
    {
        Need.Program("python3");
        using ClawMount claw = new ClawMount().Up();
        using MemoryGroup group = new(48 * Mebi);
        int fs = RestartedFs.PidOf(claw);
        long before = Resident(fs, "VmRSS");
        Write(group, claw, 320, 96);
        Assert.True(group.LimitMet > 0, "the writer had memory enough");
        Assert.Equal(0, group.OutOfMemoryKills);
        Bounded(fs, before);
    }

    /// <summary>The writer, fs and all that fs writes to its segments share a group that has some page cache left and nothing else.</summary>
    [Fact]
    public void Fs_and_a_writer_in_a_group_without_free_memory_go_on()
    {
        const long Rest = 160 * Mebi;
        Need.Program("python3");
        using MemoryGroup group = new(512 * Mebi);
        using ClawMount claw = new() { UpThrough = group.Command };
        claw.Up();
        int fs = RestartedFs.PidOf(claw);
        // Its buffers are made and its code is compiled.
        Write(group, claw, 32, 8);
        long room = group.Room, before = Resident(fs, "VmRSS");
        Assert.True(room > Rest + 32 * Mebi, $"fs leaves {room} bytes");
        string[] hog = group.Command("python3", "-c", Hog, (room - Rest).ToString(CultureInfo.InvariantCulture));
        using RunningProgram holder = Programs.Start(new ProgramOptions(), hog[0], hog[1..]);
        Assert.True(holder.WaitFor("taken", s_limit), holder.Printed);
        Write(group, claw, 320, 64);
        output.WriteLine($"{room / Mebi} MiB of room, {Rest / Mebi} after the hog, the limit met {group.LimitMet} times");
        Assert.False(holder.HasExited, "the pressure is gone");
        Assert.True(group.LimitMet > 0, "there was memory enough");
        Assert.Equal(0, group.OutOfMemoryKills);
        Bounded(fs, before);
        claw.Down();
        claw.Claw("fsck", claw.Store).Must();
    }

    private void Write(MemoryGroup group, ClawMount claw, int mebibytes, int mapped)
    {
        string[] writer = group.Command("python3", "-c", Writer, Path.Combine(claw.Memory, "f"), $"{mebibytes}", $"{mapped}");
        ProgramResult result = Programs.Run(new ProgramOptions { Timeout = s_limit }, writer[0], writer[1..]);
        Assert.Equal($"verified {mebibytes}\n", result.Must().Out);
    }

    private void Bounded(int fs, long before)
    {
        long most = Resident(fs, "VmHWM");
        output.WriteLine($"fs held {before / Mebi} MiB before and {most / Mebi} MiB at most");
        Assert.True(most < before + 96 * Mebi, $"fs grew from {before} to {most} bytes");
    }

    private static long Resident(int process, string field) => File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith(field, StringComparison.Ordinal))
        .Select(static line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10).Single();
}

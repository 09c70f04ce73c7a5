using System.Text;

namespace ClawFS.Linux.Tests;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void Becoming_a_user_changes_every_thread_and_all_groups()
    {
        SkipUnlessRoot();
        using ProbeProcess probe = ProbeProcess.Start("become-user");

        Assert.Equal("60912 60913", probe.ReadLine());
        int threads = 0;
        while (probe.ReadLine() is { } line)
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            string expected = words[0] == "Uid:" ? "60912" : "60913";
            Assert.All(words[1..], word => Assert.Equal(expected, word));
            threads += words[0] == "Uid:" ? 1 : 0;
        }
        Assert.True(threads > 3, $"the runtime has more than {threads} threads");
    }

    [Fact]
    public void New_privileges_are_forbidden_for_good()
    {
        using ProbeProcess probe = ProbeProcess.Start("no-new-privileges");

        Assert.Equal("NoNewPrivs:\t1", probe.ReadLine());
    }

    [Fact]
    public void Core_dumps_are_off_and_nobody_may_attach()
    {
        using ProbeProcess probe = ProbeProcess.Start("no-core-dumps");

        Assert.Matches(@"Max core file size\s+0\s+0", probe.ReadLine());
        Assert.Equal("0", probe.ReadLine());
    }

    [Fact]
    public void All_memory_stays_locked_after_root_is_given_up()
    {
        SkipUnlessRoot();
        using ProbeProcess probe = ProbeProcess.Start("lock-all-memory");
        if (probe.ReadLine() != "True")
            Assert.Skip("RLIMIT_MEMLOCK cannot be lifted here");

        string line = probe.ReadLine()!;
        Assert.StartsWith("VmLck:", line, StringComparison.Ordinal);
        Assert.True(long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]) > 32 << 10, line);
    }

    [Fact]
    public void The_thread_id_is_one_of_this_process()
    {
        uint main = 0;
        Thread thread = new(() => main = ProcessIdentity.ThreadId);
        thread.Start();
        thread.Join();

        Assert.True(Directory.Exists($"/proc/self/task/{ProcessIdentity.ThreadId}"));
        Assert.NotEqual(main, ProcessIdentity.ThreadId);
    }

    [Fact]
    public void Comm_is_what_proc_says_and_costs_no_allocation()
    {
        Span<byte> comm = stackalloc byte[ProcessIdentity.MaxComm];
        uint pid = (uint)Environment.ProcessId;
        _ = ProcessIdentity.CommOf(pid, comm);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int length = ProcessIdentity.CommOf(pid, comm);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(File.ReadAllText("/proc/self/comm").TrimEnd('\n'), Encoding.UTF8.GetString(comm[..length]));
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_process_that_is_gone_has_no_comm()
    {
        Assert.Equal(0, ProcessIdentity.CommOf(uint.MaxValue, new byte[16]));
        Assert.Equal("?", ProcessIdentity.CommOf(uint.MaxValue));
    }

    [Fact]
    public void The_file_limit_is_the_hard_one_afterwards()
    {
        ulong limit = ProcessLimits.RaiseFileLimit();

        string line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(words[4], words[3]);
        Assert.Equal(words[3], limit.ToString());
    }

    private static void SkipUnlessRoot()
    {
        if (ProcessIdentity.Uid != 0)
            Assert.Skip("needs root");
    }
}

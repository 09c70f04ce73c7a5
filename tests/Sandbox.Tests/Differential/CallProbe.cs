using System.Buffers.Binary;
using System.Diagnostics;

namespace Sandbox.Tests.Differential;

/// <summary>
/// Asks this kernel what a filter of system calls says, call by call, without one of them being made: every verdict of the filter is turned into an errno of its own, so
/// that the filtered process goes on and reads which it was. Made by the C compiler of the machine.
/// </summary>
internal sealed class CallProbe : IDisposable
{
    // A filter that allows nothing refuses to write or to end, too: the answers lie in shared memory, and whoever started it ends it.
    private const string Source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/prctl.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(int count, char **names) {
            struct stat filter, calls;
            int f = open(names[1], O_RDONLY), c = open(names[2], O_RDWR);
            if (f < 0 || c < 0 || fstat(f, &filter) || fstat(c, &calls)) return 1;
            struct sock_filter *code = mmap(0, filter.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, f, 0);
            volatile long *call = mmap(0, calls.st_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, c, 0);
            struct sock_fprog program = { filter.st_size / sizeof *code, code };
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return 2;
            for (long i = 0; i < calls.st_size / 64; i++, call += 8) {
                errno = 0;
                syscall(call[0], call[1], call[2], call[3], call[4], call[5], call[6]);
                call[7] = errno + 1;
            }
            for (;;) __asm__ volatile("");
        }
        """;

    private const int RecordSize = 64, AnswerAt = 56;
    private readonly string folder = Directory.CreateTempSubdirectory("claw-calls-").FullName;

    internal CallProbe()
    {
        string source = Path.Combine(folder, "probe.c");
        File.WriteAllText(source, Source);
        try
        {
            using Process compiler = Process.Start("gcc", ["-O1", "-o", Program, source]);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("needs a C compiler: apt-get install gcc libc6-dev");
        }
    }

    private string Program => Path.Combine(folder, "probe");

    /// <summary>The errno that each call gets.</summary>
    /// <param name="filter">A filter in which every verdict is an errno (<see cref="Verdicts.AsErrors"/>).</param>
    /// <param name="calls">Number and six arguments of each.</param>
    internal int[] Ask(byte[] filter, IReadOnlyList<(int Number, ulong[] Arguments)> calls)
    {
        string code = Path.Combine(folder, "filter"), records = Path.Combine(folder, "calls");
        File.WriteAllBytes(code, filter);
        byte[] bytes = new byte[calls.Count * RecordSize];
        for (int i = 0; i < calls.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * RecordSize), calls[i].Number);
            for (int k = 0; k < 6; k++)
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan((i * RecordSize) + 8 + (k * 8)), calls[i].Arguments[k]);
        }

        File.WriteAllBytes(records, bytes);
        using Process probe = Process.Start(Program, [code, records]);
        try
        {
            while (BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(bytes.Length - 8)) == 0)
            {
                Assert.False(probe.WaitForExit(5), $"the probe ended with {(probe.HasExited ? probe.ExitCode : 0)}");
                bytes = File.ReadAllBytes(records);
            }
        }
        finally
        {
            probe.Kill();
            probe.WaitForExit();
        }

        return [.. Enumerable.Range(0, calls.Count).Select(i => (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan((i * RecordSize) + AnswerAt)) - 1)];
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

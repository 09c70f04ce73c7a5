using System.Runtime.InteropServices;
using ClawOS.Security.Seccomp.Tests.Oracle;

namespace ClawOS.Security.Seccomp.Tests;

public sealed class SyscallTableTests
{
    [Theory]
    [InlineData(Architecture.X64, "read", 0)]
    [InlineData(Architecture.X64, "execve", 59)]
    [InlineData(Architecture.X64, "newfstatat", 262)]
    [InlineData(Architecture.X64, "fchmodat2", 452)]
    [InlineData(Architecture.Arm64, "io_setup", 0)]
    [InlineData(Architecture.Arm64, "fcntl", 25)]
    [InlineData(Architecture.Arm64, "read", 63)]
    [InlineData(Architecture.Arm64, "newfstatat", 79)]
    [InlineData(Architecture.Arm64, "execve", 221)]
    [InlineData(Architecture.Arm64, "fchmodat2", 452)]
    public void A_call_has_the_number_that_the_kernel_gives_it(Architecture architecture, string name, int number)
    {
        SyscallTable table = SyscallTable.For(architecture);
        Assert.True(table.TryGetNumber(name, out int found));
        Assert.Equal(number, found);
        Assert.Equal(name, table.NameOf(number));
    }

    [Fact]
    public void Calls_that_aarch64_never_had_are_not_in_its_table()
    {
        Assert.All(["open", "stat", "fork", "arch_prctl", "epoll_wait"], static name => Assert.False(SyscallTable.Arm64.TryGetNumber(name, out _), name));
        Assert.Null(SyscallTable.X64.NameOf(400));
        Assert.Null(SyscallTable.X64.NameOf(-1));
    }

    [Fact]
    public void Another_architecture_has_no_table() =>
        Assert.Throws<PlatformNotSupportedException>(static () => SyscallTable.For(Architecture.S390x));

    /// <summary>In both directions: a wrong number shows by name, a missing call by number.</summary>
    [Theory]
    [InlineData(Architecture.X64, 300)]
    [InlineData(Architecture.Arm64, 270)]
    public void The_table_and_libseccomp_agree_on_every_call_that_both_know(Architecture architecture, int least)
    {
        LibSeccomp.Need();
        SyscallTable table = SyscallTable.For(architecture);
        Assert.All(table.Names, name =>
        {
            Assert.True(table.TryGetNumber(name, out int number));
            Assert.Equal(LibSeccomp.Number(architecture, name) ?? number, number);
        });
        var known = Enumerable.Range(0, 600).Select(number => (Number: number, Name: LibSeccomp.Name(architecture, number))).Where(static pair => pair.Name is not null).ToArray();
        Assert.True(known.Length >= least, $"libseccomp knows {known.Length}");
        Assert.All(known, pair => Assert.Equal(pair.Name, table.NameOf(pair.Number)));
    }
}

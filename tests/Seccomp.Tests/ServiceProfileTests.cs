using System.Runtime.InteropServices;
using ClawOS.Security.Seccomp.Tests.Oracle;

namespace ClawOS.Security.Seccomp.Tests;

public sealed class ServiceProfileTests
{
    private static readonly string[] s_dangerous =
    [
        "ptrace", "pivot_root", "mount", "umount2", "swapon", "reboot", "init_module", "kexec_load", "request_key", "unshare", "setns", "fork", "vfork",
        "perf_event_open", "open_by_handle_at", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "finit_module", "bpf", "userfaultfd",
        "io_uring_setup", "io_uring_enter", "open_tree", "move_mount", "fsopen", "fsmount", "mount_setattr", "clone3", "chroot", "mknod", "mknodat", "listen", "accept4",
    ];

    public static TheoryData<string, Architecture> All() => [.. ServiceProfiles.Names.SelectMany(static name => SyscallTable.Architectures.Select(architecture => (name, architecture)))];

    [Theory]
    [MemberData(nameof(All))]
    public void Calls_that_no_service_needs_are_refused_for_all_arguments(string name, Architecture architecture)
    {
        Machine machine = new(name, architecture);
        RandomProfile chance = new(Seed.Random());
        foreach (string call in s_dangerous.Where(call => SyscallTable.For(architecture).TryGetNumber(call, out _) && !(name == ServiceProfiles.Fs && call == "request_key")))
        {
            for (int i = 0; i < 50; i++)
            {
                Assert.NotEqual(Verdict.Allow, machine.Ask(call, chance.Arguments()));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Threads_can_be_made_and_no_processes(string name, Architecture architecture)
    {
        Machine machine = new(name, architecture);
        Assert.Equal(Verdict.Allow, machine.Ask("clone", 0x3D0F00)); // pthread_create
        Assert.All([0x01200011ul, 0x4111ul, 0x11ul], flags => Assert.Equal(0x00050001u, machine.Ask("clone", flags))); // fork, vfork
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Only_the_service_with_a_network_makes_sockets(string name, Architecture architecture)
    {
        Machine machine = new(name, architecture);
        uint refused = 0x0005000D; // EACCES
        foreach (ulong family in (ulong[])[1, 2, 10, 16])
        {
            Assert.Equal(name == ServiceProfiles.Network ? Verdict.Allow : refused, machine.Ask("socket", family));
        }

        Assert.NotEqual(Verdict.Allow, machine.Ask("socket", 17)); // AF_PACKET
        Assert.NotEqual(Verdict.Allow, machine.Ask("socket", 40)); // AF_VSOCK
    }

    [Theory]
    [InlineData(ServiceProfiles.Plain, false)]
    [InlineData(ServiceProfiles.Fs, true)]
    [InlineData(ServiceProfiles.Network, false)]
    public void Only_fs_has_to_do_with_kernel_keys(string name, bool may) =>
        Assert.Equal(may, new Machine(name, Architecture.X64).Ask("keyctl") == Verdict.Allow);

    [Fact]
    public void No_policy_can_name_them() => Assert.Empty(ServiceProfiles.Names.Intersect(ShippedProfiles.Names));

    private sealed class Machine(string name, Architecture architecture)
    {
        private readonly BpfMachine machine = new(SeccompCompiler.Compile(ServiceProfiles.Load(name), architecture));

        internal uint Ask(string call, params ulong[] arguments)
        {
            Assert.True(SyscallTable.For(architecture).TryGetNumber(call, out int number), call);
            return machine.Run(new(Verdict.Audit(architecture), (uint)number, [.. arguments, .. new ulong[6 - arguments.Length]]));
        }
    }
}

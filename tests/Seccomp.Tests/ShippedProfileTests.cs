using System.Runtime.InteropServices;
using ClawOS.Security.Seccomp.Tests.Oracle;

namespace ClawOS.Security.Seccomp.Tests;

public sealed class ShippedProfileTests
{
    /// <summary>What the threat model counts on: no argument makes one of these succeed.</summary>
    private static readonly string[] s_dangerous =
    [
        "ptrace", "pivot_root", "mount", "umount2", "swapon", "swapoff", "reboot", "init_module", "delete_module", "kexec_load", "add_key", "request_key", "keyctl", "unshare",
        "perf_event_open", "open_by_handle_at", "setns", "process_vm_readv", "process_vm_writev", "kcmp", "finit_module", "kexec_file_load", "bpf", "userfaultfd",
        "io_uring_setup", "io_uring_enter", "io_uring_register", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "clone3", "chroot",
    ];

    public static TheoryData<string, Architecture> All() => [.. ShippedProfiles.Names.SelectMany(static name => SyscallTable.Architectures.Select(architecture => (name, architecture)))];

    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void Tool_default_allows_at_most_80_calls_in_at_most_80_instructions(Architecture architecture)
    {
        SeccompProfile profile = ShippedProfiles.Load(ShippedProfiles.ToolDefault);
        int calls = profile.Allowed(architecture).Count, instructions = FilterListing.Count(SeccompCompiler.Compile(profile, architecture));
        TestContext.Current.TestOutputHelper?.WriteLine($"{calls} calls, {instructions} instructions");
        Assert.InRange(calls, 50, 80);
        Assert.InRange(instructions, 20, 80);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Calls_that_reach_out_of_a_sandbox_are_refused_for_all_arguments(string name, Architecture architecture)
    {
        SeccompProfile profile = ShippedProfiles.Load(name);
        BpfMachine machine = new(SeccompCompiler.Compile(profile, architecture));
        RandomProfile chance = new(Seed.Random());
        foreach (string call in s_dangerous)
        {
            Assert.True(SyscallTable.For(architecture).TryGetNumber(call, out int number), call);
            int errno = call == "clone3" || name == ShippedProfiles.ToolDefault ? 38 : 1;
            for (int i = 0; i < 50; i++)
            {
                Assert.Equal(0x00050000u | (uint)errno, machine.Run(new(Verdict.Audit(architecture), (uint)number, chance.Arguments())));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_call_that_is_newer_than_the_tables_answers_that_it_does_not_exist(string name, Architecture architecture)
    {
        BpfMachine machine = new(SeccompCompiler.Compile(ShippedProfiles.Load(name), architecture));
        Assert.All([1000u, 4096u, 0x3FFFFFFFu], number => Assert.Equal(0x00050000u | 38, machine.Run(new(Verdict.Audit(architecture), number, new ulong[6]))));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Typing_into_the_terminal_is_refused_also_with_bits_that_the_kernel_ignores(string name, Architecture architecture)
    {
        BpfMachine machine = new(SeccompCompiler.Compile(ShippedProfiles.Load(name), architecture));
        SyscallTable.For(architecture).TryGetNumber("ioctl", out int ioctl);
        uint Ask(ulong request) => machine.Run(new(Verdict.Audit(architecture), (uint)ioctl, [0, request, 0, 0, 0, 0]));
        Assert.All([0x5412ul, 0x541Cul, 0x1_00005412ul, 0xFFFFFFFF_00005412ul, 0x80000000_0000541Cul], request => Assert.Equal(0x00050001u, Ask(request)));
        Assert.All([0x5401ul, 0x5413ul, 0x5410ul, 0x541Bul], request => Assert.Equal(Verdict.Allow, Ask(request)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_process_can_be_made_but_no_namespace(string name, Architecture architecture)
    {
        BpfMachine machine = new(SeccompCompiler.Compile(ShippedProfiles.Load(name), architecture));
        SyscallTable.For(architecture).TryGetNumber("clone", out int clone);
        uint Ask(ulong flags) => machine.Run(new(Verdict.Audit(architecture), (uint)clone, [flags, 0, 0, 0, 0, 0]));

        // fork, vfork and pthread_create of the C library.
        Assert.All([0x01200011ul, 0x4111ul, 0x3D0F00ul], flags => Assert.Equal(Verdict.Allow, Ask(flags)));
        Assert.All([17, 25, 26, 27, 28, 29, 30], bit => Assert.NotEqual(Verdict.Allow, Ask(0x01200011 | (1ul << bit))));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_profile_reads_back_what_it_writes(string name, Architecture architecture)
    {
        SeccompProfile profile = ShippedProfiles.Load(name);
        SeccompProfile again = SeccompProfile.Parse(profile.ToJson(), name);
        Assert.Equal(profile.ToJson(), again.ToJson());
        Assert.Equal(SeccompCompiler.Compile(profile, architecture), SeccompCompiler.Compile(again, architecture));
    }

    /// <summary>The launcher makes these calls after it has installed the filter.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void A_program_can_be_started_under_the_filter(string name, Architecture architecture)
    {
        BpfMachine machine = new(SeccompCompiler.Compile(ShippedProfiles.Load(name), architecture));
        RandomProfile chance = new(Seed.Random());
        Assert.All(["read", "write", "close", "close_range", "execve", "exit", "exit_group"], call =>
        {
            Assert.True(SyscallTable.For(architecture).TryGetNumber(call, out int number));
            Assert.Equal(Verdict.Allow, machine.Run(new(Verdict.Audit(architecture), (uint)number, chance.Arguments())));
        });
    }

    [Fact]
    public void What_tool_default_allows_default_allows_too() =>
        Assert.All(SyscallTable.Architectures, static architecture => Assert.Empty(
            ShippedProfiles.Load(ShippedProfiles.ToolDefault).Allowed(architecture).Except(ShippedProfiles.Load(ShippedProfiles.Default).Allowed(architecture))));

    [Fact]
    public void A_decision_names_the_group_that_made_it()
    {
        SeccompProfile profile = ShippedProfiles.Load(ShippedProfiles.Default);
        SyscallTable.X64.TryGetNumber("socket", out int socket);
        SyscallDecision vsock = profile.Decide(Architecture.X64, socket, [40, 0, 0, 0, 0, 0]);
        Assert.Equal(FilterAction.Refuse(97), vsock.Action);
        Assert.Contains("AF_VSOCK", vsock.Group!.Comment, StringComparison.Ordinal);
        Assert.Null(profile.Decide(Architecture.X64, 1000, new ulong[6]).Group);
    }

    [Fact]
    public void A_policy_can_add_calls_and_only_those_that_exist()
    {
        SeccompProfile profile = ShippedProfiles.Load(ShippedProfiles.ToolDefault);
        SeccompProfile more = profile.Allowing(["ptrace", "ioctl"], "the policy says so");
        SyscallTable.X64.TryGetNumber("ptrace", out int ptrace);
        SyscallTable.X64.TryGetNumber("ioctl", out int ioctl);
        BpfMachine machine = new(SeccompCompiler.Compile(more, Architecture.X64));
        Assert.Equal(Verdict.Allow, machine.Run(new(Verdict.AuditX64, (uint)ptrace, new ulong[6])));
        Assert.Equal(Verdict.Allow, machine.Run(new(Verdict.AuditX64, (uint)ioctl, [0, 0x5412, 0, 0, 0, 0])));
        Assert.Equal(["ptrace"], more.Allowed(Architecture.X64).Except(profile.Allowed(Architecture.X64)));
        Assert.Equal("no system call is named ptrce; did you mean ptrace?", Assert.Throws<SeccompException>(() => profile.Allowing(["ptrce"], "x")).Message);
        Assert.Equal(more.ToJson(), SeccompProfile.Parse(more.ToJson(), more.Name).ToJson());
    }

    [Fact]
    public void A_name_that_is_not_shipped_is_refused_with_those_that_are() =>
        Assert.StartsWith("no profile tool; there are default, tool-default", Assert.Throws<ArgumentException>(static () => ShippedProfiles.Load("tool")).Message, StringComparison.Ordinal);
}

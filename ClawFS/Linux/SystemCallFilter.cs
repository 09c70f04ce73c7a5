using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>System calls that a process takes from itself for good, on all its threads (seccomp(2), filter mode).</summary>
public static unsafe partial class SystemCallFilter
{
    private const int SetModeFilter = 1, AllThreads = 1;
    private const ushort LoadWord = 0x20, JumpIfEqual = 0x15, JumpIfAtLeast = 0x35, Return = 0x06;
    private const uint NumberAt = 0, ArchitectureAt = 4;
    private const uint Allow = 0x7FFF0000, RefuseWithEacces = 0x00050000 | 13;
    private const uint X64 = 0xC000003E, Arm64 = 0xC00000B7;

    /// <summary>Calls of another ABI of the same processor have this bit (x32); no other number is as high.</summary>
    private const uint OtherAbi = 0x40000000;

    private const uint IoUringSetup = 425;

    /// <summary>
    /// No new socket of any kind, for this process and what it starts: socket(2) and io_uring_setup(2), which makes sockets too, answer EACCES.
    /// Sockets that it has stay. Needs <see cref="ProcessIdentity.ForbidNewPrivileges"/> before.
    /// </summary>
    /// <exception cref="LinuxException">The kernel has no filters (ENOSYS, EINVAL), or privileges were not forbidden (EACCES).</exception>
    /// <exception cref="PlatformNotSupportedException">Not known for this processor.</exception>
    public static void ForbidSockets()
    {
        (uint architecture, uint socket, nint seccomp) = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => (X64, 41u, (nint)317),
            Architecture.Arm64 => (Arm64, 198u, (nint)277),
            Architecture other => throw new PlatformNotSupportedException($"no filter of system calls for {other}"),
        };
        ReadOnlySpan<Instruction> program =
        [
            new(LoadWord, 0, 0, ArchitectureAt),
            new(JumpIfEqual, 0, 5, architecture),
            new(LoadWord, 0, 0, NumberAt),
            new(JumpIfAtLeast, 3, 0, OtherAbi),
            new(JumpIfEqual, 2, 0, socket),
            new(JumpIfEqual, 1, 0, IoUringSetup),
            new(Return, 0, 0, Allow),
            new(Return, 0, 0, RefuseWithEacces),
        ];
        fixed (Instruction* first = program)
        {
            Program filter = new() { Length = (ushort)program.Length, First = first };
            if (syscall(seccomp, SetModeFilter, AllThreads, &filter) != 0)
            {
                throw LinuxException.FromLast("forbid sockets");
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint operation, nint flags, Program* program);

    /// <summary>struct sock_filter.</summary>
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    /// <summary>struct sock_fprog.</summary>
    private struct Program
    {
        internal ushort Length;
        internal Instruction* First;
    }
}

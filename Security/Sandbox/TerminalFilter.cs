using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ClawOS.Security.Sandbox;

/// <summary>
/// The seccomp filter of every sandbox, whatever its profile: no program types into the caller's terminal (ioctl TIOCSTI and TIOCLINUX answer EPERM), no call
/// of another processor's ABI runs (killed), none of x32 (ENOSYS).
/// </summary>
internal static class TerminalFilter
{
    private const ushort Load = 0x20, IfEqual = 0x15, IfAtLeast = 0x35, Return = 0x06;
    private const uint NumberAt = 0, ArchitectureAt = 4, SecondArgumentAt = 24;
    private const uint X64 = 0xC000003E, Arm64 = 0xC00000B7, X32 = 0x40000000;
    private const uint TypeInto = 0x5412, ConsoleControl = 0x541C;
    private const uint Allow = 0x7FFF0000, Kill = 0x80000000, NotPermitted = 0x00050001, NoSuchCall = 0x00050026;

    /// <summary>struct sock_filter, 8 bytes an instruction.</summary>
    /// <exception cref="PlatformNotSupportedException">Not known for this processor.</exception>
    internal static byte[] Program()
    {
        (uint architecture, uint ioctl) = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => (X64, 16u),
            Architecture.Arm64 => (Arm64, 29u),
            Architecture other => throw new PlatformNotSupportedException($"no filter of system calls for {other}"),
        };
        (ushort Code, byte Yes, byte No, uint Value)[] program =
        [
            (Load, 0, 0, ArchitectureAt),
            (IfEqual, 0, 8, architecture),
            (Load, 0, 0, NumberAt),
            (IfAtLeast, 7, 0, X32),
            (IfEqual, 0, 3, ioctl),
            (Load, 0, 0, SecondArgumentAt),
            (IfEqual, 2, 0, TypeInto),
            (IfEqual, 1, 0, ConsoleControl),
            (Return, 0, 0, Allow),
            (Return, 0, 0, NotPermitted),
            (Return, 0, 0, Kill),
            (Return, 0, 0, NoSuchCall),
        ];
        byte[] bytes = new byte[program.Length * 8];
        for (int i = 0; i < program.Length; i++)
        {
            Span<byte> at = bytes.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(at, program[i].Code);
            (at[2], at[3]) = (program[i].Yes, program[i].No);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], program[i].Value);
        }

        return bytes;
    }
}

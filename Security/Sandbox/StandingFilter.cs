using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ClawOS.Security.Sandbox;

/// <summary>
/// The seccomp filter of every sandbox, whatever its profile and its policy's additions: no program types into the caller's terminal (ioctl TIOCSTI and TIOCLINUX answer
/// EPERM); none makes a setuid or setgid file, which outside of the sandbox would be its user for whoever starts it (EPERM; openat2, whose mode is behind a pointer, ENOSYS);
/// no call of another processor's ABI runs (killed), none of x32 (ENOSYS).
/// </summary>
internal static class StandingFilter
{
    private const ushort Load = 0x20, IfEqual = 0x15, IfAtLeast = 0x35, IfAnyOf = 0x45, Return = 0x06;
    private const uint NumberAt = 0, ArchitectureAt = 4, ArgumentsAt = 16, ArgumentSize = 8;
    private const uint X64 = 0xC000003E, Arm64 = 0xC00000B7, X32 = 0x40000000;
    private const uint TypeInto = 0x5412, ConsoleControl = 0x541C;
    private const uint SetUserOrGroup = 0xC00; // 06000

    /// <summary>O_CREAT, and the bit that tells O_TMPFILE from O_DIRECTORY: without them the mode is no mode.</summary>
    private const uint Makes = 0x400040;

    private const uint Allow = 0x7FFF0000, Kill = 0x80000000, NotPermitted = 0x00050001, NoSuchCall = 0x00050026;

    /// <summary>struct sock_filter, 8 bytes an instruction.</summary>
    /// <exception cref="PlatformNotSupportedException">Not known for this processor.</exception>
    internal static byte[] Program()
    {
        Calls calls = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => new(X64, Ioctl: 16, ModeFirst: [90, 91, 85, 133], ModeSecond: [268, 452, 259], OpenAt: 257, OpenAt2: 437) { Open = 2 }, // chmod fchmod creat mknod; fchmodat fchmodat2 mknodat
            Architecture.Arm64 => new(Arm64, Ioctl: 29, ModeFirst: [52], ModeSecond: [53, 452, 33], OpenAt: 56, OpenAt2: 437), // fchmod; fchmodat fchmodat2 mknodat
            Architecture other => throw new PlatformNotSupportedException($"no filter of system calls for {other}"),
        };
        List<Step> steps =
        [
            new(Load, ArchitectureAt),
            new(IfEqual, calls.Architecture, No: "kill"),
            new(Load, NumberAt),
            new(IfAtLeast, X32, Yes: "no such call"),
            new(IfEqual, calls.Ioctl, Yes: "ioctl"),
            new(IfEqual, calls.OpenAt, Yes: "openat"),
            new(IfEqual, calls.OpenAt2, Yes: "no such call"),
            .. calls.Open is { } open ? [new(IfEqual, open, Yes: "open")] : (Step[])[],
            .. calls.ModeFirst.Select(static call => new Step(IfEqual, call, Yes: "mode 1")),
            .. calls.ModeSecond.Select(static call => new Step(IfEqual, call, Yes: "mode 2")),
            new(Return, Allow),
            new(Load, Argument(1), Label: "ioctl"),
            new(IfEqual, TypeInto, Yes: "not permitted"),
            new(IfEqual, ConsoleControl, Yes: "not permitted", No: "allow"),
            new(Load, Argument(2), Label: "openat"),
            new(IfAnyOf, Makes, No: "allow"),
            new(Load, Argument(3)),
            new(IfAnyOf, SetUserOrGroup, Yes: "not permitted", No: "allow"),
            .. calls.Open is not null ? [new(Load, Argument(1), Label: "open"), new(IfAnyOf, Makes, Yes: "mode 2", No: "allow")] : (Step[])[],
            new(Load, Argument(2), Label: "mode 2"),
            new(IfAnyOf, SetUserOrGroup, Yes: "not permitted", No: "allow"),
            new(Load, Argument(1), Label: "mode 1"),
            new(IfAnyOf, SetUserOrGroup, Yes: "not permitted", No: "allow"),
            new(Return, Allow, Label: "allow"),
            new(Return, NotPermitted, Label: "not permitted"),
            new(Return, Kill, Label: "kill"),
            new(Return, NoSuchCall, Label: "no such call"),
        ];
        return Bytes(steps);
    }

    /// <summary>The lower half of an argument: flags, modes and requests are 32 bits to the kernel.</summary>
    private static uint Argument(uint index) => ArgumentsAt + (index * ArgumentSize);

    private static byte[] Bytes(List<Step> steps)
    {
        byte[] bytes = new byte[steps.Count * 8];
        for (int i = 0; i < steps.Count; i++)
        {
            Span<byte> at = bytes.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(at, steps[i].Code);
            (at[2], at[3]) = (Distance(i, steps[i].Yes), Distance(i, steps[i].No));
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], steps[i].Value);
        }

        return bytes;

        byte Distance(int from, string? label) => label is null ? (byte)0 : checked((byte)(steps.FindIndex(step => step.Label == label) - from - 1));
    }

    /// <param name="Architecture">What the kernel calls the processor.</param>
    /// <param name="Ioctl">Its number of ioctl.</param>
    /// <param name="ModeFirst">Calls that take a mode as their second argument.</param>
    /// <param name="ModeSecond">Calls that take one as their third.</param>
    /// <param name="OpenAt">Its number of openat.</param>
    /// <param name="OpenAt2">Its number of openat2.</param>
    private sealed record Calls(uint Architecture, uint Ioctl, uint[] ModeFirst, uint[] ModeSecond, uint OpenAt, uint OpenAt2)
    {
        /// <summary>Its number of open; null where there is none.</summary>
        internal uint? Open { get; init; }
    }

    /// <summary>One instruction; where a label is not given, the next one follows.</summary>
    private readonly record struct Step(ushort Code, uint Value, string? Yes = null, string? No = null, string? Label = null);
}

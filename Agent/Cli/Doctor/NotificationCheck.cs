using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Sandbox;

namespace ClawOS.Cli.Doctor;

/// <summary>User notification of seccomp: a call of a command is told to this process, waits, and fails with the error that this process answers.</summary>
internal static class NotificationCheck
{
    private const ushort LoadWord = 0x20, JumpIfEqual = 0x15, Return = 0x06;
    private const uint Allow = 0x7FFF0000, Tell = 0x7FC00000;

    internal static Finding Run(TrialSandbox trials)
    {
        const string Name = "seccomp: supervised calls", Without = "claw policy learn, claw run --audit and calls that wait for a yes need it";
        uint? uname = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 63, Architecture.Arm64 => 160, _ => null };
        if (uname is not { } number)
        {
            return LayerChecks.NotTried(Name, $"not known for {RuntimeInformation.ProcessArchitecture}");
        }

        int told = 0;
        Trial trial = trials.RunSupervised(["uname"], Filter(number), call =>
        {
            told += call.Number == number ? 1 : 0;
            return Errno.EXDEV; // What the call itself never answers.
        });
        return trial.Result is { Reason: SandboxEnd.Exited, ExitCode: not 0 } && told > 0 && trial.Text.Contains("cross-device", StringComparison.Ordinal)
            ? new Finding(Name, Verdict.Ok, $"active: a call was told, waited and got the answer, in {trial.Milliseconds}") { Took = trial.Time }
            : trial.Result.Reason == SandboxEnd.Refused
            ? new Finding(Name, Verdict.Limited, $"unavailable: {trial.Result.Step}: {Marshal.GetPInvokeErrorMessage((int)trial.Result.Error)} ({trial.Result.Error}), in {trial.Milliseconds}", $"Linux 5.0 or later, and no other supervisor around this one; {Without}")
            : new Finding(Name, Verdict.Limited, $"unavailable: {told} calls were told ({trial.Result.Reason}, {trial.Result.ExitCode}) {trial.Text}".TrimEnd(), $"report this; {Without}");
    }

    /// <summary>One call is told, every other passes.</summary>
    private static byte[] Filter(uint number)
    {
        (ushort Code, byte IfTrue, byte IfFalse, uint Value)[] program = [(LoadWord, 0, 0, 0), (JumpIfEqual, 0, 1, number), (Return, 0, 0, Tell), (Return, 0, 0, Allow)];
        byte[] bytes = new byte[program.Length * 8];
        for (int i = 0; i < program.Length; i++)
        {
            Span<byte> at = bytes.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(at, program[i].Code);
            (at[2], at[3]) = (program[i].IfTrue, program[i].IfFalse);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], program[i].Value);
        }

        return bytes;
    }
}

using System.Buffers.Binary;
using ClawFS.Linux;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Sandbox;

/// <summary>Why a sandbox ended.</summary>
public enum SandboxEnd
{
    /// <summary>The command exited.</summary>
    Exited,

    /// <summary>A signal ended the command.</summary>
    Signalled,

    /// <summary>The command was killed, and the kernel has killed in its control group for want of memory. Whether that was the one that met the command nobody tells.</summary>
    OutOfMemory,

    /// <summary>The wall-clock time was over.</summary>
    TimedOut,

    /// <summary>A step failed before the command ran.</summary>
    Refused,

    /// <summary>The sandbox was ended from outside: claw-exec or its first process was killed, or whoever started it is gone.</summary>
    Killed,
}

/// <summary>How a sandbox ended.</summary>
/// <param name="Reason">Why.</param>
public sealed record SandboxResult(SandboxEnd Reason)
{
    private const int SignalBase = 128, TimedOutCode = 124, RefusedCode = 125, Kill = 9;

    /// <summary>The command's exit code, where it exited.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended the command, where one did.</summary>
    public int? Signal { get; init; }

    /// <summary>How often the kernel killed in the sandbox for want of memory, whatever became of the command then; 0 where nobody counts.</summary>
    public long OomKills { get; init; }

    /// <summary>The step that failed, where one did.</summary>
    public LaunchStep Step { get; init; }

    /// <summary>Why it failed.</summary>
    public Errno Error { get; init; }

    /// <summary>Which item of the plan it was about: of the view, the rules, limits, filters or control groups, from 0.</summary>
    public int Item { get; init; }

    /// <summary>One number for shells: the exit code, 128 plus the signal, 124 for time-out, 125 for a refusal.</summary>
    public int ShellCode => Reason switch
    {
        SandboxEnd.Exited => ExitCode ?? 0,
        SandboxEnd.TimedOut => TimedOutCode,
        SandboxEnd.Refused => RefusedCode,
        _ => SignalBase + (Signal ?? Kill),
    };

    /// <summary>Reads the record that claw-exec writes.</summary>
    /// <param name="record">What came; less than a record when claw-exec was killed.</param>
    internal static SandboxResult Read(ReadOnlySpan<byte> record)
    {
        if (record.Length != PlanLayout.ResultSize || Number(record, 0) != unchecked((int)PlanLayout.ResultMagic))
        {
            return new SandboxResult(SandboxEnd.Killed) { Signal = Kill };
        }

        int code = Number(record, 2);
        return (EndReason)Number(record, 1) switch
        {
            EndReason.Exited => new SandboxResult(SandboxEnd.Exited) { ExitCode = code },
            EndReason.Signalled => new SandboxResult(SandboxEnd.Signalled) { Signal = code },
            EndReason.TimedOut => new SandboxResult(SandboxEnd.TimedOut),
            EndReason.Refused => new SandboxResult(SandboxEnd.Refused) { Step = (LaunchStep)Number(record, 3), Error = (Errno)Number(record, 4), Item = Number(record, 5) },
            _ => new SandboxResult(SandboxEnd.Killed) { Signal = Kill },
        };
    }

    private static int Number(ReadOnlySpan<byte> record, int index) => BinaryPrimitives.ReadInt32LittleEndian(record[(index * 4)..]);
}

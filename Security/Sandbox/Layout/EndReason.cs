namespace ClawOS.Security.Sandbox.Layout;

/// <summary>The reasons that a result record can give. Out of memory is told by who holds the control group.</summary>
internal enum EndReason : uint
{
    /// <summary>The command exited; the code is its exit code.</summary>
    Exited = 1,

    /// <summary>A signal ended the command; the code is its number.</summary>
    Signalled = 2,

    /// <summary>The wall-clock time of the plan was over, and everything was killed.</summary>
    TimedOut = 3,

    /// <summary>A step failed before the command ran; step, errno and item say which.</summary>
    Refused = 4,

    /// <summary>The first process of the sandbox was killed from outside, and the command with it.</summary>
    Killed = 5,
}

using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>The result record, and the exit code of claw-exec that says the same more coarsely.</summary>
internal static unsafe class Result
{
    private const int TimedOutCode = 124, RefusedCode = 125, SignalBase = 128, Kill = 9;

    /// <summary>A step failed before the command ran.</summary>
    internal static int Refused(LaunchStep step, int error, int item)
    {
        if (!Write(EndReason.Refused, 0, (int)step, error, item))
        {
            // A person has started it: nobody else leaves that descriptor closed.
            fixed (byte* text = "claw-exec: needs a plan on descriptor 3 and a pipe on 4; claw run makes them\n"u8)
            {
                Kernel.Call(CallNumber.Write, 2, (nint)text, 77);
            }
        }

        return RefusedCode;
    }

    internal static int Exited(int code)
    {
        Write(EndReason.Exited, code, 0, 0, 0);
        return code;
    }

    internal static int Signalled(int signal)
    {
        Write(EndReason.Signalled, signal, 0, 0, 0);
        return SignalBase + signal;
    }

    internal static int TimedOut()
    {
        Write(EndReason.TimedOut, 0, 0, 0, 0);
        return TimedOutCode;
    }

    internal static int Killed()
    {
        Write(EndReason.Killed, Kill, 0, 0, 0);
        return SignalBase + Kill;
    }

    private static bool Write(EndReason reason, int code, int step, int error, int item)
    {
        int* record = stackalloc int[] { unchecked((int)PlanLayout.ResultMagic), (int)reason, code, step, error, item };
        return Kernel.Call(CallNumber.Write, PlanLayout.ResultDescriptor, (nint)record, PlanLayout.ResultSize) == PlanLayout.ResultSize;
    }
}

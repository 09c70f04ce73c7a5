using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>
/// The parent of an amendment: a child of one thread joins the sandbox, for a process of several threads cannot (setns(2)), and leaves what it did in memory that
/// both have. A child that does not come back in time is killed, and what it had done is told.
/// </summary>
internal static unsafe class Amend
{
    private const nint WithPidfd = 0x1000, ChildSignal = 17;
    private const int Kill = 9;

    /// <summary>Applies an amendment.</summary>
    /// <returns>The exit code of claw-exec: 0, or 125 when the sandbox could not be entered or the time was over.</returns>
    internal static int Run(AmendPlan plan)
    {
        AmendOutcomes* outcomes = AmendOutcomes.Make(plan.Count);
        if (outcomes is null)
        {
            return Result.Refused(LaunchStep.Clone, Kernel.Error, 0);
        }

        Kernel.Call(CallNumber.Setgroups, 0, 0); // As at launch: only root can.
        int pidfd = -1;
        nint pid = Kernel.Call(CallNumber.Clone, WithPidfd | ChildSignal, 0, (nint)(&pidfd));
        if (pid == 0)
        {
            AmendChild.Run(plan, outcomes);
        }

        if (pid < 0)
        {
            return Result.Refused(LaunchStep.Clone, Kernel.Error, 0);
        }

        if (!EndsWithin(pidfd, plan.Number(AmendLayout.MillisecondsAt)))
        {
            Kernel.Call(CallNumber.PidfdSendSignal, pidfd, Kill);
            outcomes->Fail(LaunchStep.Amend, Kernel.ETIMEDOUT);
        }

        return outcomes->Tell(plan.Count);
    }

    private static bool EndsWithin(int pidfd, uint milliseconds)
    {
        const ulong Readable = 1ul << 32;
        long* time = stackalloc long[] { milliseconds / 1000, milliseconds % 1000 * 1_000_000 };
        ulong descriptor = (uint)pidfd | Readable; // struct pollfd
        nint ready;
        do
        {
            // The kernel writes what is left of the time back.
            ready = Kernel.Call(CallNumber.Ppoll, (nint)(&descriptor), 1, (nint)time, 0);
        }
        while (ready < 0 && Kernel.Error == Kernel.EINTR);
        return ready > 0;
    }
}

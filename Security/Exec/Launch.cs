using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>The parent: makes the first process of the sandbox, maps its users, waits for the end, the time-out or the writer of the plan, tells the result.</summary>
internal static unsafe class Launch
{
    private const nint NewMounts = 0x20000, NewHostName = 0x4000000, NewIpc = 0x8000000, NewUsers = 0x10000000, NewPids = 0x20000000, NewNet = 0x40000000;
    private const nint NewSpaces = NewUsers | NewMounts | NewPids | NewNet | NewIpc | NewHostName;
    private const nint ChildSignal = 17, WithPidfd = 0x1000;
    private const int Interrupt = 2, Quit = 3, Kill = 9;
    private const int ByPidfd = 3, Exited = 4;
    private const int ExitedCode = 1;

    /// <summary>Runs the plan to its end.</summary>
    /// <returns>The exit code of claw-exec.</returns>
    internal static int Run(LaunchContext* context)
    {
        long began = Milliseconds();
        if (Streams.FindPlace() is >= 0 and int stream)
        {
            return Result.Refused(LaunchStep.CheckStreams, Kernel.Error, stream);
        }

        // As root: no group of ours goes along. Without root this is refused, and the groups of the user stay.
        Kernel.Call(CallNumber.Setgroups, 0, 0);
        if ((context->Plan.Flags & PlanLayout.Interactive) != 0)
        {
            Signals.Ignore(Interrupt);
            Signals.Ignore(Quit);
        }

        int pidfd = -1;
        nint pid = CloneIntoGroup(context, &pidfd);
        if (pid < 0)
        {
            pid = Kernel.Call(CallNumber.Clone, NewSpaces | WithPidfd | ChildSignal, 0, (nint)(&pidfd));
        }

        if (pid == 0)
        {
            FirstProcess.Run(context);
        }

        if (pid < 0)
        {
            return Result.Refused(LaunchStep.Clone, Kernel.Error, 0);
        }

        // Only the child holds them now: their end is its end.
        Kernel.Call(CallNumber.Close, context->StatusWrite);
        Kernel.Call(CallNumber.Close, context->GoRead);
        Listener.CloseSocket(context->Plan);
        if (UserMap.Write((int)pid, context->Plan) is not 0 and int error)
        {
            End(pidfd);
            return Result.Refused(LaunchStep.MapUsers, error, 0);
        }

        ProcessFile.HoldNamespaces((int)pid);
        byte go = 1;
        Kernel.Call(CallNumber.Write, context->GoWrite, (nint)(&go), 1);
        uint limit = context->Plan.Number(PlanLayout.MillisecondsAt);
        Waited waited = Wait(pidfd, limit > 0 ? began + limit : null);
        End(pidfd, kill: waited != Waited.Ended);
        return Tell(context->StatusRead, late: waited == Waited.Late);
    }

    /// <summary>
    /// Makes process 1 in its group of version 2: a process that writes itself into one waits until every processor has passed a quiet point, some milliseconds. Whatever stands in the way (a kernel before 5.7,
    /// a filter that does not know clone3, a right that only whoever opened the group's file has), the file is written instead.
    /// </summary>
    /// <returns>-1 where there is no such group, or it is not done so.</returns>
    private static nint CloneIntoGroup(LaunchContext* context, int* pidfd)
    {
        const ulong IntoCgroup = 0x2_0000_0000;
        uint count = context->Plan.Count(PlanLayout.CgroupsAt);
        uint last = count == 0 ? 0 : *(uint*)context->Plan.Entry(PlanLayout.CgroupsAt, PlanLayout.ReferenceSize, count - 1);
        if ((last & PlanLayout.CgroupFolder) == 0)
        {
            return -1;
        }

        // struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup.
        const int Words = 11;
        ulong* order = stackalloc ulong[Words] { (ulong)(NewSpaces | WithPidfd) | IntoCgroup, (ulong)pidfd, 0, 0, (ulong)ChildSignal, 0, 0, 0, 0, 0, last & ~PlanLayout.CgroupFolder };
        context->IsBornInGroup = true;
        nint pid = Kernel.Call(CallNumber.Clone3, (nint)order, Words * sizeof(ulong));
        context->IsBornInGroup = pid >= 0;
        return pid;
    }

    /// <summary>Kills, if asked, and takes the process's entry away. The kernel ends a pid namespace's first process last: nothing of the sandbox runs behind this.</summary>
    private static void End(int pidfd, bool kill = true)
    {
        if (kill)
        {
            Kernel.Call(CallNumber.PidfdSendSignal, pidfd, Kill);
        }

        byte* information = stackalloc byte[128];
        while (Kernel.Call(CallNumber.Waitid, ByPidfd, pidfd, (nint)information, Exited) != 0 && Kernel.Error == Kernel.EINTR)
        {
        }
    }

    /// <summary>A command that ended before it was killed has ended by itself, whatever the clock says.</summary>
    private static int Tell(int status, bool late)
    {
        StatusRecord record;
        bool ended = false;
        int code = 0, how = 0;
        while (true)
        {
            nint count = Kernel.Call(CallNumber.Read, status, (nint)(&record), sizeof(StatusRecord));
            if (count < 0 && Kernel.Error == Kernel.EINTR)
            {
                continue;
            }

            if (count != sizeof(StatusRecord))
            {
                break;
            }

            if (record.Kind == StatusRecord.FailedKind)
            {
                return Result.Refused((LaunchStep)record.First, record.Second, record.Item);
            }

            (ended, how, code) = (true, record.First, record.Second);
        }

        return ended ? (how == ExitedCode ? Result.Exited(code) : Result.Signalled(code))
            : late ? Result.TimedOut()
            : Result.Killed();
    }

    /// <summary>Waits for the end of process 1, of the time, or of whoever wrote the plan: what nobody waits for shall not run on.</summary>
    private static Waited Wait(int pidfd, long? deadline)
    {
        const ulong Readable = 1ul << 32, ReadyMask = 0xFFFF_0000_0000_0000;
        long* time = stackalloc long[2];
        ulong* descriptors = stackalloc ulong[2]; // struct pollfd: number, events, ready.
        while (true)
        {
            (descriptors[0], descriptors[1]) = ((uint)pidfd | Readable, PlanLayout.PlanDescriptor);
            if (deadline is { } end)
            {
                long left = Math.Max(0, end - Milliseconds());
                (time[0], time[1]) = (left / 1000, left % 1000 * 1_000_000);
            }

            nint ready = Kernel.Call(CallNumber.Ppoll, (nint)descriptors, 2, deadline is null ? 0 : (nint)time, 0);
            if (ready >= 0)
            {
                return ready == 0 ? Waited.Late : (descriptors[0] & ReadyMask) != 0 ? Waited.Ended : Waited.LetGo;
            }
        }
    }

    private static long Milliseconds()
    {
        const int Monotonic = 1;
        long* time = stackalloc long[2];
        Kernel.Call(CallNumber.ClockGettime, Monotonic, (nint)time);
        return (time[0] * 1000) + (time[1] / 1_000_000);
    }

    private enum Waited
    {
        Ended,
        Late,
        LetGo,
    }
}

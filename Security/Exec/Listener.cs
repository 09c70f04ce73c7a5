using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>The listener of a filter (seccomp_unotify(2)), from the process that it supervises to whoever answers its calls.</summary>
internal static unsafe class Listener
{
    /// <summary>Loads the last filter with a listener and sends that away. From here on every call that the filter tells waits for an answer.</summary>
    internal static void HandOver(LaunchContext* context, Plan plan, nint program)
    {
        const nint SetModeFilter = 1, NewListener = 8, WaitKillable = 32, CloseOnExec = 0x80000;
        uint last = plan.Count(PlanLayout.FiltersAt) - 1;
        if (Kernel.Call(CallNumber.Dup3, Socket(plan), PlanLayout.HandOverDescriptor, CloseOnExec) < 0)
        {
            FirstProcess.Fail(context, LaunchStep.HandOver);
        }

        // Where the kernel has it, a signal that a call waiting for its answer could take does not make the call be told twice.
        nint listener = Kernel.Call(CallNumber.Seccomp, SetModeFilter, NewListener | WaitKillable, program);
        if (listener < 0 && Kernel.Error == Kernel.EINVAL)
        {
            listener = Kernel.Call(CallNumber.Seccomp, SetModeFilter, NewListener, program);
        }

        if (listener < 0)
        {
            FirstProcess.Fail(context, LaunchStep.LoadFilter, last);
        }

        if (!Send((int)listener))
        {
            FirstProcess.Fail(context, LaunchStep.HandOver);
        }
    }

    /// <summary>Leaves the socket to the processes of the sandbox, so that its end shows when they are gone.</summary>
    internal static void CloseSocket(Plan plan)
    {
        if ((plan.Flags & PlanLayout.Supervised) != 0)
        {
            Kernel.Call(CallNumber.Close, Socket(plan));
        }
    }

    private static int Socket(Plan plan) => PlanLayout.FirstCgroupDescriptor + (int)plan.Count(PlanLayout.CgroupsAt);

    private static bool Send(int descriptor)
    {
        const int SocketLevel = 1, Rights = 1, NoSignal = 0x4000, ControlLength = 20; // CMSG_LEN of one descriptor.
        byte nothing = 0;
        nint* vector = stackalloc nint[] { (nint)(&nothing), 1 };
        int* control = stackalloc int[] { ControlLength, 0, SocketLevel, Rights, descriptor, 0 }; // struct cmsghdr, with its padding.
        nint* message = stackalloc nint[] { 0, 0, (nint)vector, 1, (nint)control, 6 * sizeof(int), 0 }; // struct msghdr
        return Kernel.Call(CallNumber.Sendmsg, PlanLayout.HandOverDescriptor, (nint)message, NoSignal) == 1;
    }
}

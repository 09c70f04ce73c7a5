using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>
/// Process 1 of the sandbox: builds the view, gives up every right, starts the command as process 2, takes orphans, and ends everything by ending.
/// Everything here and below runs in a copy of one thread of the parent: system calls only, no allocation, no exception.
/// </summary>
internal static unsafe class FirstProcess
{
    private const int Failure = 125;
    private const int SetDeathSignal = 1, SetDumpable = 4, Kill = 9;

    /// <summary>Does not return.</summary>
    internal static void Run(LaunchContext* context)
    {
        Plan plan = context->Plan;
        Kernel.Call(CallNumber.Prctl, SetDeathSignal, Kill);
        Kernel.Call(CallNumber.Close, context->GoWrite);
        Kernel.Call(CallNumber.Close, context->StatusRead);
        byte go = 0;
        if (Kernel.Call(CallNumber.Read, context->GoRead, (nint)(&go), 1) != 1)
        {
            Kernel.Exit(Failure); // The parent is gone, or the maps could not be written: it knows.
        }

        EnterCgroups(context, plan);
        View.Build(context, plan);

        // A change of uid forgets the signal; a parent that died in between shows on the pipe.
        Kernel.Call(CallNumber.Prctl, SetDeathSignal, Kill);
        if (IsHungUp(context->GoRead))
        {
            Kernel.Exit(Failure);
        }

        NameHost(context, plan);
        Privileges.Drop(context);

        // Whoever else runs in here must not trace this process or read its memory.
        Kernel.Call(CallNumber.Prctl, SetDumpable, 0);
        nint command = Kernel.Call(CallNumber.Clone, 17 /* SIGCHLD */);
        if (command == 0)
        {
            Command.Run(context, plan);
        }

        if (command < 0)
        {
            Fail(context, LaunchStep.Fork);
        }

        WaitFor(context, (int)command);
    }

    /// <summary>Tells the parent which step failed, with the errno of the last call, and ends.</summary>
    internal static void Fail(LaunchContext* context, LaunchStep step, uint item = 0) => Fail(context, step, item, Kernel.Error);

    /// <inheritdoc cref="Fail(LaunchContext*, LaunchStep, uint)"/>
    internal static void Fail(LaunchContext* context, LaunchStep step, uint item, int error)
    {
        StatusRecord record = new() { Kind = StatusRecord.FailedKind, First = (int)step, Second = error, Item = (int)item };
        Kernel.Call(CallNumber.Write, context->StatusWrite, (nint)(&record), sizeof(StatusRecord));
        Kernel.Exit(Failure);
    }

    /// <summary>"0" is whoever writes it. The namespace comes second, so that the sandbox's group is its root.</summary>
    private static void EnterCgroups(LaunchContext* context, Plan plan)
    {
        const nint NewCgroup = 0x2000000;
        uint count = plan.Count(PlanLayout.CgroupsAt);
        for (uint i = 0; i < count; i++)
        {
            uint entry = *(uint*)plan.Entry(PlanLayout.CgroupsAt, PlanLayout.ReferenceSize, i);
            byte self = (byte)'0';
            bool isEntered = (entry & PlanLayout.CgroupFolder) != 0 || (context->IsBornInGroup && i == count - 2);
            if (!isEntered && Kernel.Call(CallNumber.Write, (nint)entry, (nint)(&self), 1) != 1)
            {
                Fail(context, LaunchStep.EnterCgroups, i);
            }
        }

        if (Kernel.Call(CallNumber.Unshare, NewCgroup) != 0)
        {
            Fail(context, LaunchStep.EnterCgroups, plan.Count(PlanLayout.CgroupsAt));
        }
    }

    private static void NameHost(LaunchContext* context, Plan plan)
    {
        byte* name = plan.Text(PlanLayout.HostNameAt);
        nint length = 0;
        while (name[length] != 0)
        {
            length++;
        }

        if (Kernel.Call(CallNumber.Sethostname, (nint)name, length) != 0)
        {
            Fail(context, LaunchStep.SetHostName);
        }

        if ((plan.Flags & PlanLayout.Loopback) != 0 && !EnableLoopback())
        {
            Fail(context, LaunchStep.EnableLoopback);
        }
    }

    private static bool EnableLoopback()
    {
        const int Inet = 2, Datagram = 2, CloseOnExec = 0x80000, SetFlags = 0x8914, NameBytes = 16, RequestBytes = 40;
        const short UpAndRunning = 0x41;
        byte* request = stackalloc byte[RequestBytes];
        new Span<byte>(request, RequestBytes).Clear();
        request[0] = (byte)'l';
        request[1] = (byte)'o';
        *(short*)(request + NameBytes) = UpAndRunning;
        nint socket = Kernel.Call(CallNumber.Socket, Inet, Datagram | CloseOnExec);
        return socket >= 0 && Kernel.Call(CallNumber.Ioctl, socket, SetFlags, (nint)request) == 0;
    }

    private static bool IsHungUp(int pipe)
    {
        long* now = stackalloc long[] { 0, 0 };
        long descriptor = (uint)pipe; // struct pollfd that asks for nothing: a hang-up is told all the same.
        return Kernel.Call(CallNumber.Ppoll, (nint)(&descriptor), 1, (nint)now, 0) > 0;
    }

    /// <summary>Takes every process that ends; when the command has, says how and ends, and the kernel kills what is left.</summary>
    private static void WaitFor(LaunchContext* context, int command)
    {
        const int Everybody = 0, Exited = 4, CodeAt = 8, PidAt = 16, StatusAt = 24;
        const nint LastDescriptor = int.MaxValue;

        // Whoever reads the command's output shall see its end; and nothing of the machine stays open in here.
        Kernel.Call(CallNumber.CloseRange, 0, context->StatusWrite - 1);
        Kernel.Call(CallNumber.CloseRange, context->StatusWrite + 1, LastDescriptor);
        byte* information = stackalloc byte[128];
        while (true)
        {
            if (Kernel.Call(CallNumber.Waitid, Everybody, 0, (nint)information, Exited) == 0 && *(int*)(information + PidAt) == command)
            {
                StatusRecord record = new() { Kind = StatusRecord.EndedKind, First = *(int*)(information + CodeAt), Second = *(int*)(information + StatusAt) };
                Kernel.Call(CallNumber.Write, context->StatusWrite, (nint)(&record), sizeof(StatusRecord));
                Kernel.Exit(0);
            }
        }
    }
}

using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>Process 2: takes the restrictions that are the command's own, the one that forbids most last, and becomes it.</summary>
internal static unsafe class Command
{
    private const int UserMask = 0x12; // 022

    /// <summary>Does not return.</summary>
    internal static void Run(LaunchContext* context, Plan plan)
    {
        if ((plan.Flags & PlanLayout.NewSession) != 0 && Kernel.Call(CallNumber.Setsid) < 0)
        {
            FirstProcess.Fail(context, LaunchStep.BeginSession);
        }

        if (Kernel.Call(CallNumber.Chdir, (nint)plan.Text(PlanLayout.FolderAt)) != 0)
        {
            FirstProcess.Fail(context, LaunchStep.EnterFolder);
        }

        AppArmor.Enter(context, plan);
        Landlock.Restrict(context, plan);
        SetLimits(context, plan);
        Kernel.Call(CallNumber.Umask, UserMask);
        Signals.SetToDefault();
        CloseDescriptors(context, 3);
        LoadFilters(context, plan);
        Execute(context);
    }

    /// <summary>What this process may not have itself it cannot give: such a limit stays what it is.</summary>
    internal static void SetLimits(LaunchContext* context, Plan plan)
    {
        ulong* own = stackalloc ulong[2]; // struct rlimit64: soft, hard.
        for (uint i = 0; i < plan.Count(PlanLayout.LimitsAt); i++)
        {
            byte* entry = plan.Entry(PlanLayout.LimitsAt, PlanLayout.LimitSize, i);
            ulong* wanted = (ulong*)(entry + 8);
            if (Kernel.Call(CallNumber.Prlimit64, 0, *(int*)entry, 0, (nint)own) == 0)
            {
                (wanted[0], wanted[1]) = (Math.Min(wanted[0], own[1]), Math.Min(wanted[1], own[1]));
            }

            if (Kernel.Call(CallNumber.Prlimit64, 0, *(int*)entry, (nint)wanted) != 0)
            {
                FirstProcess.Fail(context, LaunchStep.SetLimit, i);
            }
        }
    }

    /// <summary>All descriptors from a number on are closed by execve.</summary>
    internal static void CloseDescriptors(LaunchContext* context, uint first)
    {
        const nint Last = int.MaxValue, CloseOnExec = 4;
        if (Kernel.Call(CallNumber.CloseRange, (nint)first, Last, CloseOnExec) != 0)
        {
            FirstProcess.Fail(context, LaunchStep.CloseDescriptors);
        }
    }

    internal static void LoadFilters(LaunchContext* context, Plan plan)
    {
        const nint SetModeFilter = 1;
        nint* program = stackalloc nint[2]; // struct sock_fprog
        for (uint i = 0; i < plan.Count(PlanLayout.FiltersAt); i++)
        {
            uint* entry = (uint*)plan.Entry(PlanLayout.FiltersAt, PlanLayout.FilterSize, i);
            (program[0], program[1]) = ((nint)entry[1], (nint)plan.At(entry[0]));
            if ((plan.Flags & PlanLayout.Supervised) != 0 && i == plan.Count(PlanLayout.FiltersAt) - 1)
            {
                Listener.HandOver(context, plan, (nint)program);
            }
            else if (Kernel.Call(CallNumber.Seccomp, SetModeFilter, 0, (nint)program) != 0)
            {
                FirstProcess.Fail(context, LaunchStep.LoadFilter, i);
            }
        }
    }

    /// <summary>As execvp does: the next one only where this one is not there or may not be executed, and the strongest of the errors.</summary>
    internal static void Execute(LaunchContext* context)
    {
        const int NotFound = 2, Denied = 13, NoFolder = 20;
        int error = NotFound;
        for (byte** program = context->Programs; *program != null; program++)
        {
            Kernel.Call(CallNumber.Execve, (nint)(*program), (nint)context->Arguments, (nint)context->Environment);
            if (Kernel.Error is not (NotFound or NoFolder))
            {
                error = Kernel.Error;
                if (error != Denied)
                {
                    break;
                }
            }
        }

        FirstProcess.Fail(context, LaunchStep.Execute, 0, error);
    }
}

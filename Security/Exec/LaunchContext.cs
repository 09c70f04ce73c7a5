using System.Runtime.InteropServices;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>All that the child uses, made before clone: it allocates nothing.</summary>
internal unsafe struct LaunchContext
{
    internal Plan Plan;

    /// <summary>The programs to try, in their order; then null.</summary>
    internal byte** Programs;

    /// <summary>argv of the command.</summary>
    internal byte** Arguments;

    /// <summary>envp of the command.</summary>
    internal byte** Environment;

    /// <summary>One number a mount of the plan: the detached mount that it brings in.</summary>
    internal int* Trees;

    /// <summary>A detached /proc that can be written, for <see cref="AppArmor"/>; -1 without a profile.</summary>
    internal int Proc;

    /// <summary>Whether process 1 is made in its control group of version 2, and so need not enter it.</summary>
    internal bool IsBornInGroup;

    /// <summary>The end from which the child reads "go".</summary>
    internal int GoRead;

    /// <summary>The end to which the parent writes it; the child closes its copy, so that the parent's death shows.</summary>
    internal int GoWrite;

    /// <summary>The end from which the parent reads records.</summary>
    internal int StatusRead;

    /// <summary>The end to which the child writes <see cref="StatusRecord"/>s.</summary>
    internal int StatusWrite;

    /// <summary>Lays everything out in native memory.</summary>
    /// <returns>False when the pipes cannot be made, with errno set.</returns>
    internal static bool TryMake(Plan plan, LaunchContext* context)
    {
        const int CloseOnExec = 0x80000;
        int* ends = stackalloc int[4];
        if (Kernel.Call(CallNumber.Pipe2, (nint)ends, CloseOnExec) != 0 || Kernel.Call(CallNumber.Pipe2, (nint)(ends + 2), CloseOnExec) != 0)
        {
            return false;
        }

        *context = new LaunchContext
        {
            Plan = plan,
            Programs = plan.Texts(PlanLayout.ProgramsAt),
            Arguments = plan.Texts(PlanLayout.ArgumentsAt),
            Environment = plan.Texts(PlanLayout.EnvironmentAt),
            Trees = (int*)NativeMemory.Alloc(plan.Count(PlanLayout.MountsAt) + 1, sizeof(int)),
            GoRead = ends[0],
            GoWrite = ends[1],
            StatusRead = ends[2],
            StatusWrite = ends[3],
        };
        return true;
    }
}

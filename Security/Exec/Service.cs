using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>
/// One of our own services: no sandbox, for it works on the machine's files, but nothing that it does not need. Taken from this thread alone, which execve makes the
/// only one; so the service has this process's number, parent and keyrings.
/// </summary>
internal static unsafe class Service
{
    private const nint NewHostName = 0x4000000, NewIpc = 0x8000000, NewNet = 0x40000000;

    /// <summary>Returns only when a step failed; then it has been told.</summary>
    internal static void Run(LaunchContext* context)
    {
        Plan plan = context->Plan;
        MoveDescriptors(context, plan);
        nint namespaces = ((plan.Flags & ServiceLayout.NewNetwork) != 0 ? NewNet : 0)
            | ((plan.Flags & ServiceLayout.NewIpc) != 0 ? NewIpc : 0)
            | ((plan.Flags & ServiceLayout.NewHostName) != 0 ? NewHostName : 0);
        if (namespaces != 0 && Kernel.Call(CallNumber.Unshare, namespaces) != 0)
        {
            FirstProcess.Fail(context, LaunchStep.Clone);
        }

        if ((plan.Flags & ServiceLayout.LimitCapabilities) != 0 && !Privileges.Limit(plan.Wide(ServiceLayout.CapabilitiesAt)))
        {
            FirstProcess.Fail(context, LaunchStep.DropCapabilities);
        }

        if ((plan.Flags & ServiceLayout.NoNewPrivileges) != 0 && !Privileges.ForbidNewPrivileges())
        {
            FirstProcess.Fail(context, LaunchStep.ForbidPrivileges);
        }

        Landlock.Restrict(context, plan);
        Command.SetLimits(context, plan);
        Command.CloseDescriptors(context, PlanLayout.PlanDescriptor + plan.Number(ServiceLayout.DescriptorsAt));
        Command.LoadFilters(context, plan);
        Command.Execute(context);
    }

    private static void MoveDescriptors(LaunchContext* context, Plan plan)
    {
        const nint DuplicateCloseOnExec = 1030, High = 64;
        nint result = Kernel.Call(CallNumber.Fcntl, PlanLayout.ResultDescriptor, DuplicateCloseOnExec, High);
        if (result < 0)
        {
            FirstProcess.Fail(context, LaunchStep.CloseDescriptors);
        }

        context->StatusWrite = (int)result;
        for (uint i = 0; i < plan.Number(ServiceLayout.DescriptorsAt); i++)
        {
            if (Kernel.Call(CallNumber.Dup3, (nint)(ServiceLayout.FirstDescriptor + i), (nint)(PlanLayout.PlanDescriptor + i), 0) < 0)
            {
                FirstProcess.Fail(context, LaunchStep.CloseDescriptors, i);
            }
        }
    }
}

using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>
/// The change of AppArmor profile that comes with execve. It is asked for through the command's own entry of /proc; the sandbox's /proc is read-only, so another
/// mount of it, seen by nobody, is kept open until then.
/// </summary>
internal static unsafe class AppArmor
{
    private const uint NoSuid = 2, NoDevices = 4, NoExecute = 8;
    private const nint WriteOnly = 1, CloseOnExec = 0x80000;

    /// <summary>Makes the mount, while the view is built.</summary>
    /// <returns>False when that fails, with errno set.</returns>
    internal static bool Prepare(LaunchContext* context, Plan plan)
    {
        context->Proc = -1;
        if (plan.Number(PlanLayout.TransitionAt) == 0)
        {
            return true;
        }

        fixed (byte* type = "proc"u8)
        {
            context->Proc = MountCall.NewFileSystem(type, null, null, NoSuid | NoDevices | NoExecute);
        }

        return context->Proc >= 0;
    }

    /// <summary>Asks for the change, as the process that will execute.</summary>
    internal static void Enter(LaunchContext* context, Plan plan)
    {
        if (context->Proc < 0)
        {
            return;
        }

        byte* text = plan.Text(PlanLayout.TransitionAt);
        nint length = 0;
        while (text[length] != 0)
        {
            length++;
        }

        // Since Linux 5.8; attr/exec, which is older, may belong to another module.
        fixed (byte* own = "thread-self/attr/apparmor/exec"u8)
        {
            nint file = Kernel.Call(CallNumber.Openat, context->Proc, (nint)own, WriteOnly | CloseOnExec);
            if (file < 0 || Kernel.Call(CallNumber.Write, file, (nint)text, length) != length)
            {
                FirstProcess.Fail(context, LaunchStep.AskTransition);
            }

            // Nobody gets a /proc that can be written.
            Kernel.Call(CallNumber.Close, file);
            Kernel.Call(CallNumber.Close, context->Proc);
        }
    }
}

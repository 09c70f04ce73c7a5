using System.Runtime.InteropServices;
using ClawOS.Security.Exec;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

unsafe
{
    if (AskProgram.FindCommand() is { } command)
    {
        return AskProgram.Run(command);
    }

    byte* bytes = Plan.Read(out int length);
    if (bytes is null)
    {
        return Result.Refused(LaunchStep.ReadPlan, Kernel.Error, 0);
    }

    if (length >= AmendLayout.HeaderSize && new Plan(bytes).Number(PlanLayout.MagicAt) == AmendLayout.Magic)
    {
        AmendPlan amendment = new(bytes);
        return amendment.IsSound(length) ? Amend.Run(amendment) : Result.Refused(LaunchStep.CheckPlan, Kernel.EINVAL, 0);
    }

    PlanCheck check = new(bytes, length);
    if (!check.IsSound())
    {
        return Result.Refused(LaunchStep.CheckPlan, Kernel.EINVAL, 0);
    }

    LaunchContext* context = (LaunchContext*)NativeMemory.Alloc((nuint)sizeof(LaunchContext));
    if (!LaunchContext.TryMake(new Plan(bytes), context))
    {
        return Result.Refused(LaunchStep.Clone, Kernel.Error, 0);
    }

    if (check.IsService)
    {
        Service.Run(context);
    }

    return Launch.Run(context);
}

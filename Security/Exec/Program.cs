using System.Runtime.InteropServices;
using ClawOS.Security.Exec;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

unsafe
{
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

    if (!new PlanCheck(bytes, length).IsSound())
    {
        return Result.Refused(LaunchStep.CheckPlan, Kernel.EINVAL, 0);
    }

    LaunchContext* context = (LaunchContext*)NativeMemory.Alloc((nuint)sizeof(LaunchContext));
    return LaunchContext.TryMake(new Plan(bytes), context) ? Launch.Run(context) : Result.Refused(LaunchStep.Clone, Kernel.Error, 0);
}

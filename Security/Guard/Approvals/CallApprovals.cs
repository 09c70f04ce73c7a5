using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Asking;

namespace ClawOS.Security.Guard;

/// <summary>Asks the owner about system calls of sandboxes that guard started.</summary>
internal static class CallApprovals
{
    /// <summary>What <see cref="AskedCalls"/> asks for one sandbox. Nobody waits on a thread.</summary>
    /// <param name="table">Where it waits.</param>
    /// <param name="requester">Who asks: equal ones are one requester.</param>
    /// <param name="policy">The sandbox's policy.</param>
    /// <param name="run">Its name.</param>
    internal static Func<AskedCall, CancellationToken, Task> For(ApprovalTable table, object requester, string policy, string run) => async (call, gone) =>
    {
        Approval approval;
        try
        {
            approval = table.Ask(requester, CallCard.QuestionOf(call), expires => ApprovalCard.Render(CallCard.Fields(policy, call), $"sandbox {run}", expires));
        }
        catch (Exception refused) when (refused is SandboxRefusedException or NotApprovedException)
        {
            return; // Too many wait, or a no stands: refused, as what is not answered.
        }

        using CancellationTokenRegistration withdraw = gone.Register(() => table.Withdraw(approval));
        if (await approval.Said == ApprovalOutcome.Accepted)
        {
            table.Close(approval, call.Let() ? ApprovalOutcome.Accepted : ApprovalOutcome.Withdrawn);
        }
    };
}

using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Asking;

namespace ClawOS.Security.Guard;

/// <summary>Asks the owner about system calls of sandboxes that guard started.</summary>
internal static class CallApprovals
{
    /// <summary>What <see cref="AskedCalls"/> asks for one sandbox. Nobody waits on a thread.</summary>
    internal static Func<AskedCall, CancellationToken, Task> For(ApprovalTable table, string policy, string run) => async (call, gone) =>
    {
        Approval approval;
        try
        {
            approval = table.Ask(run, expires => ApprovalCard.Render(CallCard.Fields(policy, call), $"sandbox {run}", expires));
        }
        catch (SandboxRefusedException)
        {
            return; // Too many wait: refused, as what is not answered.
        }

        using CancellationTokenRegistration withdraw = gone.Register(() => table.Withdraw(approval));
        if (await approval.Said == ApprovalOutcome.Accepted)
        {
            table.Close(approval, call.Let() ? ApprovalOutcome.Accepted : ApprovalOutcome.Withdrawn);
        }
    };
}

using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace ClawOS.Security.Guard;

/// <summary>The owner's yes to one launch, good once: until it is used, or disposed without.</summary>
internal sealed class LaunchYes : IDisposable
{
    private readonly ApprovalTable table;
    private readonly Approval approval;
    private readonly BoundCommand bound;
    private bool isClosed;

    private LaunchYes(ApprovalTable table, Approval approval, BoundCommand bound) => (this.table, this.approval, this.bound) = (table, approval, bound);

    /// <summary>Asks the owner and waits for the answer, on the calling thread.</summary>
    /// <param name="table">Where it waits.</param>
    /// <param name="requester">Who asks.</param>
    /// <param name="bound">What would run.</param>
    /// <param name="more">Further lines for the card.</param>
    /// <param name="waits">Told that it waits.</param>
    /// <param name="gone">Cancelled when who asks is gone.</param>
    /// <exception cref="NotApprovedException">There is no yes, or a no stands.</exception>
    /// <exception cref="SandboxRefusedException">Nobody was asked.</exception>
    internal static LaunchYes Ask(ApprovalTable table, Requester requester, BoundCommand bound, IEnumerable<CardField> more, Action<Approval> waits, CancellationToken gone)
    {
        Approval approval = table.Ask(requester.Key, bound.Question, expires => ApprovalCard.Render([.. bound.Fields, .. more], requester.Text, expires));
        using CancellationTokenRegistration withdraw = gone.Register(() => table.Withdraw(approval));
        waits(approval);
        ApprovalOutcome outcome = approval.Said.GetAwaiter().GetResult();
        return outcome == ApprovalOutcome.Accepted ? new LaunchYes(table, approval, bound) : throw NotApprovedException.Of(approval, outcome);
    }

    /// <summary>Looks again at what the yes was to, and uses it up. Right before the start.</summary>
    /// <param name="policy">The policy that it starts under.</param>
    /// <param name="launch">What would need approval now.</param>
    /// <param name="isGone">Whether who asked is gone.</param>
    /// <exception cref="NotApprovedException">It was to something else, or nobody is there for it any more.</exception>
    internal void Use(EffectivePolicy policy, ApprovedLaunch? launch, bool isGone)
    {
        string? change = bound.ChangeSince(policy, launch);
        Close(isGone ? ApprovalOutcome.Withdrawn : change is null ? ApprovalOutcome.Accepted : ApprovalOutcome.Changed);
        if (isGone || change is not null)
        {
            throw isGone ? NotApprovedException.Of(approval, ApprovalOutcome.Withdrawn) : new NotApprovedException(approval.Id, ApprovalOutcome.Changed, $"not what was said yes to: {change}");
        }
    }

    /// <summary>What could not be started any more as it was asked is something else.</summary>
    public void Dispose() => Close(ApprovalOutcome.Changed);

    private void Close(ApprovalOutcome outcome)
    {
        if (!isClosed)
        {
            isClosed = true;
            table.Close(approval, outcome);
        }
    }
}

using ClawOS.Security.GuardLink;

namespace ClawOS.Security.Guard;

/// <summary>The owner was asked, and there is no yes.</summary>
internal sealed class NotApprovedException(string id, ApprovalOutcome outcome, string reason) : Exception($"approval {id}: {reason}")
{
    internal ApprovalOutcome Outcome => outcome;

    /// <summary>One that the owner has denied, asked for again.</summary>
    internal static NotApprovedException Standing(string id, DateTimeOffset until) =>
        new(id, ApprovalOutcome.Denied, $"denied by the owner, which stands for the same until {until.UtcDateTime:HH:mm:ss} UTC; nobody was asked again");

    /// <summary>One that ended without a yes.</summary>
    internal static NotApprovedException Of(Approval approval, ApprovalOutcome outcome) => new(approval.Id, outcome, outcome switch
    {
        ApprovalOutcome.Denied => "denied by the owner",
        ApprovalOutcome.Expired => $"nobody said yes in time; it expired at {approval.Expires.UtcDateTime:HH:mm:ss} UTC",
        _ => "withdrawn: who asked went away",
    });
}

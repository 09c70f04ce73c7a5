using ClawOS.Security.GuardLink;

namespace ClawOS.Security.Guard;

/// <summary>Something that waits for the owner's word.</summary>
/// <param name="id">Its name.</param>
/// <param name="requester">Who asked: so many at a time may wait for each.</param>
/// <param name="created">When it was made.</param>
/// <param name="lifetime">How long it waits.</param>
/// <param name="deadline">The same on the clock that nobody sets (<see cref="Environment.TickCount64"/>).</param>
internal sealed class Approval(string id, object requester, DateTimeOffset created, TimeSpan lifetime, long deadline)
{
    private readonly TaskCompletionSource<ApprovalOutcome> said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal string Id => id;

    internal object Requester => requester;

    internal DateTimeOffset Created => created;

    internal DateTimeOffset Expires => created + lifetime;

    internal long Deadline => deadline;

    internal string Card { get; init; } = "";

    /// <summary>What a no stands for; null: for nothing.</summary>
    internal string? Question { get; init; }

    /// <summary>How it ended. <see cref="ApprovalOutcome.Accepted"/> is the owner's yes: who asked looks again at what it was about, and tells <see cref="ApprovalTable.Close"/>.</summary>
    internal Task<ApprovalOutcome> Said => said.Task;

    /// <summary>By the table alone, which does it once.</summary>
    internal void Say(ApprovalOutcome outcome) => said.SetResult(outcome);

    internal ApprovalFrame Frame => new(id, created, Expires, Card);
}

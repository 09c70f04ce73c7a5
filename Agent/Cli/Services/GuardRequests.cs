using ClawFS.Trees;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Trees;

namespace ClawOS.Cli.Services;

/// <summary>What guard has fs show in the mount: views, and what waits for the owner's yes. All of it goes when guard is gone.</summary>
internal sealed class GuardRequests
{
    private readonly GuardSide guard;
    private readonly GuardedViews views;
    private readonly Approvals approvals;
    private bool hasTold;

    /// <summary>Obeys guard from then on.</summary>
    /// <param name="guard">The way to guard.</param>
    /// <param name="views">The views of the mount.</param>
    /// <param name="approvals">What waits, whose answers go to guard.</param>
    internal GuardRequests(GuardSide guard, ViewRoots views, Approvals approvals)
    {
        this.guard = guard;
        this.views = new GuardedViews(views, guard.Send);
        this.approvals = approvals;
        guard.Asked = Obey;
        guard.Lost = Lost;
    }

    private void Obey(GuardFrame frame)
    {
        switch (frame)
        {
            case OpenViewFrame wanted:
                views.Open(wanted);
                break;
            case CloseViewFrame { Id: var id }:
                views.Close(id);
                break;
            case ApprovalFrame asked:
                if (!approvals.Add(new PendingApproval(asked.Id, asked.Expires, asked.Card)) && !hasTold)
                {
                    hasTold = true; // Once a guard: it may send any number.
                    guard.Report($"an approval is not shown: it is there already, or there are {Approvals.Capacity}");
                }

                break;
            case ApprovalGoneFrame { Id: var id, Outcome: var outcome }:
                approvals.End(id, outcome.ToString().ToLowerInvariant());
                break;
            default:
                break;
        }
    }

    private void Lost()
    {
        hasTold = false;
        views.Lost();
        approvals.Clear();
    }
}

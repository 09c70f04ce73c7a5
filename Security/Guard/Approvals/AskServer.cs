using System.Text.Json;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;

namespace ClawOS.Security.Guard;

/// <summary>Asks the owner for a client that starts its sandboxes itself, and so looks itself again at what the yes was to.</summary>
internal sealed class AskServer(ApprovalTable approvals)
{
    /// <summary>How long a client may take to look again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Answers one question; a client that closes meanwhile, or says anything, withdraws it.</summary>
    internal void Ask(SeqPacketSocket client, AskOrder order)
    {
        Requester requester = Requester.Of(client, Principal.Owner);
        using ClientWatch watch = ClientWatch.Start(client, "client that asks");
        Approval approval;
        try
        {
            approval = approvals.Ask(requester.Key, order.Question, expires => ApprovalCard.Render(order.Card, requester.Text, expires));
        }
        catch (SandboxRefusedException refused)
        {
            LaunchServer.Refuse(client, refused.Message);
            return;
        }
        catch (NotApprovedException no)
        {
            LaunchServer.Reply(client, new LaunchReply { Outcome = LaunchServer.WordOf(no.Outcome), Error = no.Message });
            return;
        }

        ApprovalOutcome outcome;
        using (watch.Spoke.Register(() => approvals.Withdraw(approval)))
        {
            LaunchServer.Reply(client, LaunchServer.WaitsFor(approval));
            outcome = approval.Said.GetAwaiter().GetResult();
        }

        if (outcome != ApprovalOutcome.Accepted)
        {
            LaunchServer.Reply(client, new LaunchReply { Outcome = LaunchServer.WordOf(outcome), Error = NotApprovedException.Of(approval, outcome).Message });
            return;
        }

        LaunchServer.Reply(client, new LaunchReply { Outcome = LaunchServer.WordOf(outcome) });
        approvals.Close(approval, watch.Said.Wait(Patience) ? OutcomeOf(watch.Said.Result) : ApprovalOutcome.Withdrawn);
    }

    private static ApprovalOutcome OutcomeOf(byte[] said)
    {
        try
        {
            return said.Length == 0 ? ApprovalOutcome.Withdrawn
                : JsonSerializer.Deserialize(said, LaunchJson.Default.YesUsed)?.Used == true ? ApprovalOutcome.Accepted : ApprovalOutcome.Changed;
        }
        catch (JsonException)
        {
            return ApprovalOutcome.Withdrawn;
        }
    }
}

using ClawFS.Linux;
using ClawOS.Security.AppArmor;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Asking;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Guard;

/// <summary>Starts what clients of launch sockets ask for, within what their socket allows, and stays with it until its end.</summary>
internal sealed class Launcher(GuardOptions options, RunTable runs, PolicyApplier policies, ApprovalTable approvals, ViewTable views, ProfilePool? profiles)
{
    private const int Kill = 9;

    /// <summary>Runs one command; the client is told that it runs, and then how it ended. A client that closes, or says anything more, ends it.</summary>
    internal void Run(SeqPacketSocket client, Principal principal, LaunchOrder order, SafeFileHandle[] streams)
    {
        bool isOwners = principal == Principal.Owner;
        if (runs.TryEnter(isOwners) is not { } id)
        {
            LaunchServer.Refuse(client, $"{(isOwners ? RunTable.Most : RunTable.MostOfViews)} sandboxes run{(isOwners ? "" : " that others have started")}, which is the most");
            return;
        }

        if (!principal.TryEnterRun())
        {
            runs.Leave(isOwners);
            LaunchServer.Refuse(client, $"{Principal.MostRuns} sandboxes that this view has started run or wait, which is the most");
            return;
        }

        using ClientWatch watch = ClientWatch.Start(client, $"client of {id}");
        try
        {
            Run(id, client, watch, principal, order, streams);
        }
        catch (Exception refused) when (refused is SandboxRefusedException or AppArmorException or IOException or ArgumentException)
        {
            LaunchServer.Refuse(client, refused.Message);
        }
        catch (NotApprovedException not)
        {
            LaunchServer.Reply(client, new LaunchReply { Error = not.Message, Outcome = LaunchServer.WordOf(not.Outcome) });
        }
        finally
        {
            principal.LeaveRun();
            runs.Leave(isOwners);
        }
    }

    private void Run(string id, SeqPacketSocket client, ClientWatch watch, Principal principal, LaunchOrder order, SafeFileHandle[] streams)
    {
        if (streams.Length is not (3 or 4) || order.Command.Count == 0)
        {
            throw new SandboxRefusedException("launch: a command and three descriptors are wanted: standard input, output, error; a fourth is the working folder");
        }

        string name = order.Policy ?? principal.Policy ?? throw new SandboxRefusedException("launch: the name of a policy is wanted");
        string workspace = principal.Workspace ?? order.Workspace ?? throw new SandboxRefusedException("launch: a workspace is wanted");
        LivePolicies live = policies.Current;
        EffectivePolicy policy = Allowed(live, principal, name, workspace);
        ApprovedLaunch? approved = WantedYes(live, principal, policy, order, streams);
        using LaunchYes? yes = approved is null ? null : Ask(client, watch, principal, order, BoundCommand.Bind(policy, approved, order.Folder ?? "/tmp", workspace));
        if (yes is not null)
        {
            live = policies.Current; // It may have taken minutes.
            policy = Allowed(live, principal, name, workspace);
            approved = WantedYes(live, principal, policy, order, streams);
        }

        using SandboxView? view = views.For(policy, workspace, principal);
        using LoadedProfile? profile = profiles?.TakeIfPossible(policy, yes is null ? null : approved?.Program, standIns: view is { Principal: not null }, options.Report);
        using SandboxGroup group = SandboxGroup.Make(policy.Limits);
        SandboxPlan plan = SandboxPlan.From(policy, RequestOf(order, group, yes is null ? null : approved, view, profile));
        if (view is not null)
        {
            views.Open(view, plan.ClawGrants);
        }

        yes?.Use(policy, approved, watch.Spoke.IsCancellationRequested);
        using SandboxRun run = SandboxRun.Start([options.Launcher], plan, new SandboxStreams(streams[0], streams[1], streams[2]), new SandboxWatch { OomKills = () => group.OomKills });
        LiveSandbox sandbox = new(name, workspace, policy, run, group, options.Launcher, profile);
        LaunchedRun entry = new(id, name, run.LauncherId, sandbox);
        runs.Add(entry);
        try
        {
            using AskedCalls? asked = plan.IsSupervised ? AskedCalls.Start(run, CallApprovals.For(approvals, FamilyOf(principal, view) ?? (object)id, name, id)) : null;
            LaunchServer.Reply(client, new LaunchReply { Run = id, Missing = plan.Missing.Count > 0 ? plan.Missing : null });
            using CancellationTokenRegistration over = watch.Spoke.Register(() => run.Signal(Kill)); // Nothing happens where it has ended by itself.
            if (policies.Current != live)
            {
                _ = sandbox.Follow(policies.Current); // A version that came meanwhile did not find it in the table.
            }

            LaunchServer.Reply(client, ReplyOf(run.WaitForEnd(), sandbox));
        }
        finally
        {
            runs.Remove(entry);
        }
    }

    private EffectivePolicy Allowed(LivePolicies live, Principal principal, string name, string workspace)
    {
        if (principal.Policy is { } most && !live.IsWithin(name, most))
        {
            throw new SandboxRefusedException($"launch: {name} is not {most} and extends it not: a request can only narrow");
        }

        (EffectivePolicy? policy, string reason) = live.Compile(name, workspace, profiles is not null);
        return policy ?? throw new SandboxRefusedException($"launch: {reason}");
    }

    /// <summary>What the owner must be asked first; null: nothing. A view without `launch = true` starts nothing else, and no less than its own policy.</summary>
    private ApprovedLaunch? WantedYes(LivePolicies live, Principal principal, EffectivePolicy policy, LaunchOrder order, SafeFileHandle[] streams)
    {
        if (streams.Length == 4)
        {
            WorkingFolder.Check(options.Mount, order.Folder, streams[3]);
        }

        ApprovedLaunch? approved;
        try
        {
            approved = SandboxPlan.ApprovalFor(policy, RequestOf(order));
        }
        catch (SandboxRefusedException) when (principal.Policy is not null)
        {
            // Whether a file is there at all is none of its business.
            throw new SandboxRefusedException($"launch: {order.Command[0]}: there is no such program, or policy {policy.Name} does not let it be launched with these arguments");
        }

        return principal.Policy is not { } most || (approved is not null && policy.Name == most) || live.Compile(most, principal.Workspace!, profiles is not null).Policy?.MayLaunch == true
            ? approved
            : throw new SandboxRefusedException($"launch: policy {most} lets nothing be started from inside but commands that need approval, as they are in it; launch = true does");
    }

    private SandboxRequest RequestOf(LaunchOrder order, SandboxGroup? group = null, ApprovedLaunch? approved = null, SandboxView? view = null, LoadedProfile? profile = null) => new()
    {
        Claw = view?.View,
        Withheld = options.Withheld,
        StandIn = options.Launcher,
        Command = order.Command,
        Approved = approved,
        Folder = order.Folder,
        Environment = order.Environment,
        AnswersCalls = true,
        User = UserOf(options),
        Group = group,
        AppArmorProfile = profile?.Name,
    };

    /// <summary>The environment changes what a program does: it is shown, too.</summary>
    private LaunchYes Ask(SeqPacketSocket client, ClientWatch watch, Principal principal, LaunchOrder order, BoundCommand bound) => LaunchYes.Ask(
        approvals,
        Requester.Of(client, principal),
        bound,
        CardEnvironment.Fields(order.Environment),
        approval => LaunchServer.Reply(client, LaunchServer.WaitsFor(approval)),
        watch.Spoke);

    /// <summary>What a new sandbox and those that it will start have in common; null: it starts none, and nobody in a view has started it.</summary>
    private static Principal? FamilyOf(Principal launcher, SandboxView? view) => launcher == Principal.Owner ? view?.Principal : launcher.Family;

    private static SandboxUser UserOf(GuardOptions options) => ProcessIdentity.Uid == 0
        ? new SandboxUser(options.OwnerUid, options.OwnerGid, options.OwnerUid, options.OwnerGid)
        : SandboxUser.Caller;

    private static LaunchReply ReplyOf(SandboxResult result, LiveSandbox sandbox)
    {
        string reason = result.Reason.ToString();
        return new LaunchReply
        {
            Reason = char.ToLowerInvariant(reason[0]) + reason[1..],
            Code = result.ExitCode ?? result.Signal ?? 0,
            Error = result.Reason == SandboxEnd.Refused ? $"step {result.Step} failed ({result.Error})" : result.Reason == SandboxEnd.Killed ? sandbox.EndedBecause : null,
        };
    }
}

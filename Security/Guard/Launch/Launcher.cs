using ClawFS.Linux;
using ClawOS.Security.AppArmor;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Guard;

/// <summary>Starts what clients of launch sockets ask for, within what their socket allows, and stays with it until its end.</summary>
internal sealed class Launcher(GuardOptions options, RunTable runs, PolicyApplier policies, ProfilePool? profiles)
{
    private const int Kill = 9;

    /// <summary>Runs one command; the client is told that it runs, and then how it ended. A client that closes, or says anything more, ends it.</summary>
    internal void Run(SeqPacketSocket client, Principal principal, LaunchOrder order, SafeFileHandle[] streams)
    {
        if (runs.TryEnter() is not { } id)
        {
            LaunchServer.Refuse(client, $"{RunTable.Most} sandboxes run, which is the most");
            return;
        }

        try
        {
            Run(id, client, principal, order, streams);
        }
        catch (Exception refused) when (refused is SandboxRefusedException or AppArmorException or IOException or ArgumentException)
        {
            LaunchServer.Refuse(client, refused.Message);
        }
        finally
        {
            runs.Leave();
        }
    }

    private void Run(string id, SeqPacketSocket client, Principal principal, LaunchOrder order, SafeFileHandle[] streams)
    {
        LivePolicies live = policies.Current;
        string name = order.Policy ?? principal.Policy ?? throw new SandboxRefusedException("launch: the name of a policy is wanted");
        string workspace = principal.Workspace ?? order.Workspace ?? throw new SandboxRefusedException("launch: a workspace is wanted");
        if (principal.Policy is { } most && !live.IsWithin(name, most))
        {
            throw new SandboxRefusedException($"launch: {name} is not {most} and extends it not: a request can only narrow");
        }

        if (streams.Length != 3 || order.Command.Count == 0)
        {
            throw new SandboxRefusedException("launch: a command and three descriptors are wanted: standard input, output, error");
        }

        (EffectivePolicy? policy, string reason) = live.Compile(name, workspace, profiles is not null);
        if (policy is null)
        {
            throw new SandboxRefusedException($"launch: {reason}");
        }

        using LoadedProfile? profile = profiles?.TakeIfPossible(policy, options.Report);
        using SandboxGroup group = SandboxGroup.Make(policy.Limits);
        SandboxPlan plan = SandboxPlan.From(policy, new SandboxRequest
        {
            Command = order.Command,
            Folder = order.Folder,
            Environment = order.Environment,
            User = UserOf(options),
            Group = group,
            AppArmorProfile = profile?.Name,
        });
        using SandboxRun run = SandboxRun.Start([options.Launcher], plan, new SandboxStreams(streams[0], streams[1], streams[2]), new SandboxWatch { OomKills = () => group.OomKills });
        LiveSandbox sandbox = new(name, workspace, policy, run, group, options.Launcher, profile);
        LaunchedRun entry = new(id, name, run.LauncherId, sandbox);
        runs.Add(entry);
        try
        {
            LaunchServer.Reply(client, new LaunchReply { Run = id, Missing = plan.Missing.Count > 0 ? plan.Missing : null });
            new Thread(() => WaitForClient(client, run)) { IsBackground = true, Name = $"client of {id}" }.Start();
            if (policies.Current != live)
            {
                _ = sandbox.Follow(policies.Current); // A version that came meanwhile did not find it in the table.
            }

            SandboxResult result = run.WaitForEnd();
            LaunchServer.Reply(client, ReplyOf(result));
            client.Shutdown();
        }
        finally
        {
            runs.Remove(entry);
        }
    }

    private static SandboxUser UserOf(GuardOptions options) => ProcessIdentity.Uid == 0
        ? new SandboxUser(options.OwnerUid, options.OwnerGid, options.OwnerUid, options.OwnerGid)
        : SandboxUser.Caller;

    private static LaunchReply ReplyOf(SandboxResult result)
    {
        string reason = result.Reason.ToString();
        return new LaunchReply
        {
            Reason = char.ToLowerInvariant(reason[0]) + reason[1..],
            Code = result.ExitCode ?? result.Signal ?? 0,
            Error = result.Reason == SandboxEnd.Refused ? $"step {result.Step} failed ({result.Error})" : null,
        };
    }

    private static void WaitForClient(SeqPacketSocket client, SandboxRun run)
    {
        try
        {
            _ = client.ReceiveAll(new byte[MessageChannel.MaxMessage], out SafeFileHandle[] more);
            Array.ForEach(more, static descriptor => descriptor.Dispose());
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // Whatever it was, this client is not waiting properly any more.
        }

        run.Signal(Kill); // Nothing happens where it has ended by itself.
    }
}

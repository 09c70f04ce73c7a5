using System.Text.Json;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Guard;

/// <summary>Answers at launch sockets. Each client has a thread; there are at most <see cref="MaxClients"/> of the owner's and as many of all views, and whoever comes then is told so.</summary>
internal sealed class LaunchServer(Launcher launcher, AskServer asking, RunTable runs, PolicyApplier policies, ViewTable views, Action<string> report)
{
    /// <summary>Clients at one time, those whose command runs included.</summary>
    internal const int MaxClients = 96;

    private const int Backlog = 32;

    /// <summary>Most letters of an error: it may quote what the client has sent, and must fit into a message however that is escaped.</summary>
    private const int MostOfError = 2000;

    /// <summary>How long a client may say nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private int ownersClients, viewsClients;

    /// <summary>Binds a socket; on the thread that fs lets bind.</summary>
    /// <exception cref="LinuxException">It cannot be bound.</exception>
    internal LocalListener Open(string folder, string name, Principal principal)
    {
        LocalListener listener = LocalListener.Bind(folder, name, Backlog);
        new Thread(() => Accept(listener, principal)) { IsBackground = true, Name = "launch socket" }.Start();
        return listener;
    }

    private void Accept(LocalListener listener, Principal principal)
    {
        while (true)
        {
            try
            {
                if (listener.Accept() is not { } client)
                {
                    return;
                }

                bool isKnown = principal.TryAdd(client);
                if (Interlocked.Increment(ref ClientsOf(principal)) > MaxClients || !isKnown)
                {
                    Refuse(client, "too many clients; try again later");
                    Interlocked.Decrement(ref ClientsOf(principal));
                    principal.Remove(client);
                    client.Dispose();
                    continue;
                }

                new Thread(() => Serve(client, principal)) { IsBackground = true, Name = "launch client" }.Start();
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (LinuxException error)
            {
                report($"launch socket: {error.Message}");
                Thread.Sleep(100); // No descriptors are left: others must end first.
            }
        }
    }

    private void Serve(SeqPacketSocket client, Principal principal)
    {
        SafeFileHandle[] descriptors = [];
        try
        {
            byte[] buffer = new byte[MessageChannel.MaxMessage];
            int length = client.WaitForMessage(Patience) ? client.ReceiveAll(buffer, out descriptors) : 0;
            if (length > 0)
            {
                Answer(client, principal, JsonSerializer.Deserialize(buffer.AsSpan(0, length), LaunchJson.Default.LaunchMessage), descriptors);
            }
        }
        catch (Exception wrong) when (wrong is JsonException or IOException or NotSupportedException)
        {
            Refuse(client, wrong is JsonException ? $"not a request: {wrong.Message}" : wrong.Message);
        }
        catch (Exception unforeseen)
        {
            // One request may end by a mistake of ours, not every sandbox with it; what it had is given back on the way here.
            report($"launch socket: a request was refused by a mistake in guard: {unforeseen}");
            Refuse(client, "refused by a mistake in guard, which its log names");
        }
        finally
        {
            Array.ForEach(descriptors, static descriptor => descriptor.Dispose());
            principal.Remove(client);
            client.Dispose();
            _ = Interlocked.Decrement(ref ClientsOf(principal));
        }
    }

    private ref int ClientsOf(Principal principal) => ref principal == Principal.Owner ? ref ownersClients : ref viewsClients;

    private void Answer(SeqPacketSocket client, Principal principal, LaunchMessage? message, SafeFileHandle[] descriptors)
    {
        switch (message)
        {
            case { IsWhole: false }:
                Refuse(client, "not a request: a text is null, or no name of a variable");
                break;
            case { Launch: { } order, Register: null, Ask: null }:
                launcher.Run(client, principal, order, descriptors);
                break;
            case { Register: { } order, Launch: null, Ask: null } when principal == Principal.Owner:
                Register(client, order, descriptors);
                break;
            case { Ask: { } order, Launch: null, Register: null } when principal == Principal.Owner && descriptors.Length == 0:
                asking.Ask(client, order);
                break;
            default:
                Refuse(client, "not a request: launch, register or ask is wanted");
                break;
        }
    }

    private void Register(SeqPacketSocket client, RegisterOrder order, SafeFileHandle[] descriptors)
    {
        if (descriptors is not [var end] || !IsName(order.Policy) || (order.View is { } named && !(GuardWire.IsViewId(named) && Path.IsPathRooted(order.Workspace ?? ""))))
        {
            Refuse(client, "register: the name of a policy and one descriptor are wanted, and the workspace where a view is named");
            return;
        }

        if (runs.TryEnter(isOwners: true) is not { } id)
        {
            Refuse(client, $"{RunTable.Most} sandboxes run, which is the most");
            return;
        }

        SandboxView? view = order.View is null ? null : views.Add(order.View, new Principal(order.Policy, order.Workspace!, Principal.Owner));
        if (order.View is not null && view is null)
        {
            runs.Leave(isOwners: true);
            Refuse(client, "register: the view has a launch socket already");
            return;
        }

        SeqPacketSocket socket = new(new SafeFileHandle(end.DangerousGetHandle(), ownsHandle: true));
        end.SetHandleAsInvalid(); // It has another owner now.
        RegisteredRun run = new(id, order.Policy, order.Pid, socket, ended =>
        {
            view?.Dispose();
            runs.Remove(ended);
            runs.Leave(isOwners: true);
        });
        runs.Add(run);
        run.Start();
        LivePolicies told;
        do
        {
            told = policies.Current;
            run.Tell(told);
        }
        while (policies.Current != told); // A version that was told to all meanwhile must not be followed by an older one.

        Reply(client, new LaunchReply { Run = id });
    }

    /// <summary>What can be shown in a line: it goes into the list of sandboxes.</summary>
    internal static bool IsName(string text) => text.Length is > 0 and <= 128 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    /// <summary>The first answer of what waits for the owner's yes.</summary>
    internal static LaunchReply WaitsFor(Approval approval) => new() { Approval = approval.Id, Expires = approval.Expires.ToUnixTimeMilliseconds() };

    internal static string WordOf(ApprovalOutcome outcome) => outcome.ToString().ToLowerInvariant();

    internal static void Refuse(SeqPacketSocket client, string reason) => Reply(client, new LaunchReply { Error = reason });

    internal static void Reply(SeqPacketSocket client, LaunchReply reply)
    {
        if (reply.Error is { Length: > MostOfError } error)
        {
            reply = reply with { Error = error[..MostOfError] + "..." };
        }

        try
        {
            _ = client.Send(JsonSerializer.SerializeToUtf8Bytes(reply, LaunchJson.Default.LaunchReply));
        }
        catch (IOException)
        {
            // Who asked does not read; nobody else waits for the answer.
        }
    }
}

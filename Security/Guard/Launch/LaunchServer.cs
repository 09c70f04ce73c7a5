using System.Text.Json;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Security.Guard;

/// <summary>Answers at launch sockets. Each client has a thread, of which there are at most <see cref="MaxClients"/>; whoever comes then is told so.</summary>
internal sealed class LaunchServer(Launcher launcher, AskServer asking, RunTable runs, PolicyApplier policies, Action<string> report)
{
    /// <summary>Clients at one time, those whose command runs included.</summary>
    internal const int MaxClients = 96;

    private const int Backlog = 32;

    /// <summary>How long a client may say nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private int clients;

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

                if (Interlocked.Increment(ref clients) > MaxClients)
                {
                    Refuse(client, "too many clients; try again later");
                    Interlocked.Decrement(ref clients);
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
        finally
        {
            Array.ForEach(descriptors, static descriptor => descriptor.Dispose());
            client.Dispose();
            _ = Interlocked.Decrement(ref clients);
        }
    }

    private void Answer(SeqPacketSocket client, Principal principal, LaunchMessage? message, SafeFileHandle[] descriptors)
    {
        switch (message)
        {
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
        if (descriptors is not [var end] || !IsName(order.Policy))
        {
            Refuse(client, "register: the name of a policy and one descriptor are wanted");
            return;
        }

        if (runs.TryEnter() is not { } id)
        {
            Refuse(client, $"{RunTable.Most} sandboxes run, which is the most");
            return;
        }

        SeqPacketSocket socket = new(new SafeFileHandle(end.DangerousGetHandle(), ownsHandle: true));
        end.SetHandleAsInvalid(); // It has another owner now.
        RegisteredRun run = new(id, order.Policy, order.Pid, socket, ended =>
        {
            runs.Remove(ended);
            runs.Leave();
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

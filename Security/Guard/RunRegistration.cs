using System.Text.Json;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;

namespace ClawOS.Security.Guard;

/// <summary>
/// Keeps a sandbox that this process has started known to guard, so that it follows its policy. When guard dies, the sandbox goes on as it is, and its starter registers with the next guard;
/// whatever became of the policies meanwhile arrives then.
/// </summary>
public sealed class RunRegistration : IDisposable
{
    private const string Folder = "run", Name = "launch";
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(300), AnswerLimit = TimeSpan.FromSeconds(5), UsageEvery = TimeSpan.FromSeconds(2), LastWord = TimeSpan.FromMilliseconds(500);

    private readonly string mount;
    private readonly string policy;
    private readonly int launcherId;
    private readonly LiveSandbox sandbox;
    private readonly (string Id, string Workspace)? view;
    private readonly ManualResetEventSlim over = new();
    private readonly Lock answering = new();
    private volatile GuardChannel? channel;

    private RunRegistration(string mount, string policy, int launcherId, LiveSandbox sandbox, (string Id, string Workspace)? view) =>
        (this.mount, this.policy, this.launcherId, this.sandbox, this.view) = (mount, policy, launcherId, sandbox, view);

    /// <summary>Begins; nobody waits for guard.</summary>
    /// <param name="mount">The mount whose policies the sandbox follows.</param>
    /// <param name="policy">The name of its policy.</param>
    /// <param name="launcherId">The process id of its claw-exec, for people.</param>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="view">The name of its view, in which guard shall bind a launch socket, and its workspace; null: it gets none.</param>
    public static RunRegistration Start(string mount, string policy, int launcherId, LiveSandbox sandbox, (string Id, string Workspace)? view = null)
    {
        RunRegistration registration = new(mount, policy, launcherId, sandbox, view);
        new Thread(registration.Keep) { IsBackground = true, Name = "registration" }.Start();
        return registration;
    }

    /// <summary>The sandbox has ended.</summary>
    public void Dispose()
    {
        over.Set();
        if (answering.TryEnter(LastWord))
        {
            answering.Exit(); // Where following a policy was its end, guard has been told so.
        }

        channel?.Dispose();
    }

    private void Keep()
    {
        do
        {
            try
            {
                Register();
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or JsonException)
            {
                // No guard, or not for long: it is looked for again.
            }
        }
        while (!over.Wait(Retry));
    }

    /// <summary>Returns when guard is gone.</summary>
    private void Register()
    {
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.CreatePair();
        using ManualResetEventSlim ended = new();
        PolicyFiles.Joiner joiner = new();
        GuardChannel? link = null;
        try
        {
            using (theirs)
            using (SeqPacketSocket asking = SeqPacketSocket.Connect(Path.Join(mount, Folder), Name))
            {
                LaunchMessage message = new() { Register = new RegisterOrder { Policy = policy, Pid = launcherId, View = view?.Id, Workspace = view?.Workspace } };
                byte[] answer = new byte[MessageChannel.MaxMessage];
                if (!asking.SendAll(JsonSerializer.SerializeToUtf8Bytes(message, LaunchJson.Default.LaunchMessage), [theirs.Descriptor])
                    || !asking.WaitForMessage(AnswerLimit)
                    || asking.Receive(answer) is not (> 0 and var length)
                    || JsonSerializer.Deserialize(answer.AsSpan(0, length), LaunchJson.Default.LaunchReply)?.Run is null)
                {
                    return;
                }
            }

            link = new GuardChannel(own, "guard")
            {
                Received = frame =>
                {
                    if (frame is PoliciesFrame part && joiner.Add(part) is { } files)
                    {
                        lock (answering)
                        {
                            _ = link!.Send(new AppliedFrame(files.Version, string.Join('\n', sandbox.Follow(new LivePolicies(files)))));
                        }
                    }
                },
                Ended = _ => ended.Set(),
            };
        }
        finally
        {
            if (link is null)
            {
                own.Dispose();
            }
        }

        channel = link;
        link.Start();
        if (over.IsSet)
        {
            link.Dispose();
        }

        while (!ended.Wait(UsageEvery))
        {
            _ = link.Send(new RunsFrame(sandbox.Usage()));
        }
    }
}

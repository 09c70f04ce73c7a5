using System.Threading.Channels;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;

namespace ClawOS.Security.Guard;

/// <summary>
/// A sandbox that `claw run` started by itself. Its starter keeps what is needed to change it, and no right of guard is lent to anybody: guard sends it the policies and it answers
/// what they did.
/// </summary>
internal sealed class RegisteredRun : GuardedRun, IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    private readonly Channel<AppliedFrame> answers = Channel.CreateBounded<AppliedFrame>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly GuardChannel channel;
    private readonly Lock sending = new(); // The parts of one version stay together.
    private volatile string usage = "-\t-\t-";

    /// <param name="id">Its name in the table.</param>
    /// <param name="policy">The name of its policy, as its starter says.</param>
    /// <param name="pid">The process id of its claw-exec, as its starter says: shown and used for nothing.</param>
    /// <param name="socket">The channel that came with the registration.</param>
    /// <param name="ended">Called when its starter is gone.</param>
    internal RegisteredRun(string id, string policy, int pid, SeqPacketSocket socket, Action<RegisteredRun> ended)
        : base(id, policy, pid, "run") => channel = new GuardChannel(socket, id)
        {
            Received = Take,
            Ended = fault =>
            {
                _ = answers.Writer.TryComplete();
                ended(this);
            },
        };

    /// <summary>Begins to listen; from here on it may end.</summary>
    internal void Start() => channel.Start();

    /// <summary>Sends it the policies; what it answers is read by <see cref="FollowAsync"/>, if at all.</summary>
    internal void Tell(LivePolicies policies)
    {
        lock (sending)
        {
            foreach (PoliciesFrame frame in policies.Files.ToFrames())
            {
                _ = channel.Send(frame);
            }
        }
    }

    internal override async Task<IReadOnlyList<string>> FollowAsync(LivePolicies policies)
    {
        Tell(policies);
        using CancellationTokenSource limit = new(AnswerLimit);
        try
        {
            while (true)
            {
                AppliedFrame answer = await answers.Reader.ReadAsync(limit.Token);
                if (answer.Version == policies.Files.Version)
                {
                    return answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return [$"not known: its claw run has not answered within {AnswerLimit.TotalSeconds} s"];
        }
        catch (ChannelClosedException)
        {
            return ["has ended"];
        }
    }

    public void Dispose() => channel.Dispose();

    protected override string Usage() => usage;

    private void Take(GuardFrame frame)
    {
        switch (frame)
        {
            case AppliedFrame applied:
                _ = answers.Writer.TryWrite(applied);
                break;
            case RunsFrame { Text: var text } when text.Split('\t') is { Length: 3 } parts && parts.All(static part => part.Length is > 0 and < 32 && part.All(static letter => char.IsAsciiDigit(letter) || letter is '.' or '-')):
                usage = text;
                break;
            default:
                channel.Dispose(); // Nothing else is said here.
                break;
        }
    }
}

using System.Security.Cryptography;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;

namespace ClawOS.Security.Guard;

/// <summary>
/// What waits for the owner's word. Each approval ends once, by whoever comes first: the owner, the clock, or who asked and went away. fs is told of each when it is
/// made and when it has ended, and a new fs of all that wait. A no stands as long as the question could have waited: the same is not asked again, and it keeps its place among those of its
/// requester, as for some seconds what was withdrawn does: who asks to tire the owner, or to fill the list of events, comes to an end. Safe for use by several threads; nothing that is called under its lock waits.
/// </summary>
/// <param name="lifetime">How long an approval waits, and a no stands.</param>
/// <param name="rest">How long what was withdrawn keeps its place.</param>
internal sealed class ApprovalTable(TimeSpan lifetime, TimeSpan? rest = null) : IDisposable
{
    /// <summary>How many may wait, and how many of one requester may wait or keep a place.</summary>
    internal const int Most = 32, MostOfOne = 8;

    /// <summary>How long an approval waits.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);
    private const int IdLength = 8;
    private const string Letters = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly Lock gate = new();
    private readonly List<Approval> waiting = []; // In the order of their ends.
    private readonly List<KeptPlace> kept = [];
    private Timer? clock;
    private Action<GuardFrame> tell = static _ => { };

    /// <summary>Takes the way to a fs in place of an earlier one, and tells it all that waits.</summary>
    internal void TellTo(Action<GuardFrame> fs)
    {
        lock (gate)
        {
            tell = fs;
            waiting.ForEach(approval => fs(approval.Frame));
        }
    }

    /// <summary>Asks the owner.</summary>
    /// <param name="requester">Who asks: equal objects are one requester.</param>
    /// <param name="question">What a no stands for; null: for nothing.</param>
    /// <param name="card">Makes the card, for a time of expiry.</param>
    /// <exception cref="NotApprovedException">The owner has said no to it.</exception>
    /// <exception cref="SandboxRefusedException">Too many wait, or the card is refused.</exception>
    internal Approval Ask(object requester, string? question, Func<DateTimeOffset, string> card)
    {
        // To the millisecond, as frames tell it.
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        string text = card(now + lifetime);
        lock (gate)
        {
            _ = kept.RemoveAll(static place => place.Until <= Environment.TickCount64);
            if (question is not null && kept.Find(place => place.Question == question && place.Requester.Equals(requester)) is { } no)
            {
                throw NotApprovedException.Standing(no.Id, no.UntilTime);
            }

            if (waiting.Count >= Most || waiting.Count(other => other.Requester.Equals(requester)) + kept.Count(place => place.Requester.Equals(requester)) >= MostOfOne)
            {
                throw new SandboxRefusedException(waiting.Count >= Most ? $"{Most} approvals wait, which is the most" : $"{MostOfOne} approvals of this requester wait, or were denied or withdrawn a short time ago, which is the most");
            }

            string id;
            do
            {
                id = RandomNumberGenerator.GetString(Letters, IdLength);
            }
            while (waiting.Exists(other => other.Id == id));

            Approval approval = new(id, requester, now, lifetime, Environment.TickCount64 + (long)lifetime.TotalMilliseconds) { Card = text, Question = question };
            waiting.Add(approval);
            tell(approval.Frame);
            SetClock();
            return approval;
        }
    }

    /// <summary>The owner's word. Of what does not wait, any more or at all, nothing becomes.</summary>
    internal void Decide(string id, bool isYes)
    {
        lock (gate)
        {
            if (waiting.Find(other => other.Id == id) is { } approval)
            {
                End(approval, approval.Deadline <= Environment.TickCount64 ? ApprovalOutcome.Expired : isYes ? ApprovalOutcome.Accepted : ApprovalOutcome.Denied);
            }
        }
    }

    /// <summary>Who asked is gone.</summary>
    internal void Withdraw(Approval approval)
    {
        lock (gate)
        {
            if (waiting.Contains(approval))
            {
                End(approval, ApprovalOutcome.Withdrawn);
            }
        }
    }

    /// <summary>What has become of a yes: said once by who got it.</summary>
    /// <param name="approval">One that was accepted.</param>
    /// <param name="outcome">Accepted: it is done. Changed: it was about something else. Withdrawn: nobody is there for it any more.</param>
    internal void Close(Approval approval, ApprovalOutcome outcome)
    {
        lock (gate)
        {
            tell(new ApprovalGoneFrame(approval.Id, outcome));
        }
    }

    /// <summary>Withdraws all that waits.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            while (waiting.Count > 0)
            {
                End(waiting[0], ApprovalOutcome.Withdrawn);
            }

            clock?.Dispose();
            clock = null;
        }
    }

    private void End(Approval approval, ApprovalOutcome outcome)
    {
        _ = waiting.Remove(approval);
        if (outcome is ApprovalOutcome.Denied or ApprovalOutcome.Withdrawn)
        {
            TimeSpan stands = outcome == ApprovalOutcome.Denied ? lifetime : rest ?? Rest;
            kept.Add(new KeptPlace(approval.Requester, approval.Id, outcome == ApprovalOutcome.Denied ? approval.Question : null, Environment.TickCount64 + (long)stands.TotalMilliseconds, DateTimeOffset.UtcNow + stands));
        }

        if (outcome != ApprovalOutcome.Accepted)
        {
            tell(new ApprovalGoneFrame(approval.Id, outcome));
        }

        approval.Say(outcome);
    }

    private void SetClock()
    {
        clock ??= new Timer(_ => Expire());
        _ = clock.Change(waiting.Count == 0 ? Timeout.Infinite : Math.Max(1, waiting[0].Deadline - Environment.TickCount64), Timeout.Infinite);
    }

    private void Expire()
    {
        lock (gate)
        {
            while (waiting.Count > 0 && waiting[0].Deadline <= Environment.TickCount64)
            {
                End(waiting[0], ApprovalOutcome.Expired);
            }

            if (clock is not null)
            {
                SetClock();
            }
        }
    }

    /// <summary>The place of one that has ended.</summary>
    /// <param name="Requester">Who asked.</param>
    /// <param name="Id">Its name.</param>
    /// <param name="Question">What is not asked again; null: anything may be.</param>
    /// <param name="Until">Until when, on the clock that nobody sets.</param>
    /// <param name="UntilTime">The same, for people.</param>
    private sealed record KeptPlace(object Requester, string Id, string? Question, long Until, DateTimeOffset UntilTime);
}

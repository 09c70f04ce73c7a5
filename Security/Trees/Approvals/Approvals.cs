using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>Hands on the owner's answer.</summary>
/// <param name="id">To which approval.</param>
/// <param name="isYes">The answer.</param>
/// <param name="uid">Who gave it.</param>
/// <returns>False when there is nobody who would act on it.</returns>
public delegate bool ApprovalAnswered(string id, bool isYes, uint uid);

/// <summary>
/// What waits for the owner's yes, and the folder that shows it. Each is answered once: the file goes with the answer. What is to be approved, whether it is still that, and
/// when it ends is another process's business, which also says it all again to a successor of this one; nothing is kept here.
/// </summary>
/// <param name="ownerUid">Who answers, beside root.</param>
/// <param name="events">Told of each that comes, is answered or ends.</param>
/// <param name="errors">Where refusals of what is written are explained.</param>
/// <param name="answered">Told the answers.</param>
/// <param name="clock">The time; null: the machine's.</param>
/// <remarks>Lock: the gate, then the folder's. <paramref name="answered"/> is called under it and must not wait.</remarks>
public sealed class Approvals(uint ownerUid, FsEventSink events, ErrorLog errors, ApprovalAnswered answered, TimeProvider? clock = null)
{
    /// <summary>Most at one time, those included that are answered and have not ended.</summary>
    public const int Capacity = 64;

    private const int ShownBytes = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<string, ApprovalFile> waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> decided = new(StringComparer.Ordinal);

    /// <summary>`approvals/`.</summary>
    public ApprovalFolder Folder { get; } = new();

    /// <summary>Shows one more.</summary>
    /// <returns>False for one that is there or answered already, and when there are too many: it is shown to nobody, so nobody says yes.</returns>
    public bool Add(PendingApproval approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        lock (gate)
        {
            if (waiting.ContainsKey(approval.Id) || decided.Contains(approval.Id) || waiting.Count + decided.Count >= Capacity)
            {
                return false;
            }

            ApprovalFile file = new(this, approval);
            waiting.Add(approval.Id, file);
            Folder.Show(file);
            Publish(file.Id, "asked", default, 0);
            return true;
        }
    }

    /// <summary>One waits no more, for whatever reason; one that is not known is nothing.</summary>
    /// <param name="id">Which.</param>
    /// <param name="outcome">Why, for `events`.</param>
    public void End(string id, string outcome)
    {
        lock (gate)
        {
            bool wasWaiting = waiting.Remove(id, out ApprovalFile? file);
            if (file is not null)
            {
                Folder.Hide(file);
            }

            if (decided.Remove(id) || wasWaiting)
            {
                Publish(id, outcome, default, 0);
            }
        }
    }

    /// <summary>Nobody acts on an answer any more: none waits.</summary>
    public void Clear()
    {
        lock (gate)
        {
            foreach (string id in waiting.Keys.Concat(decided).ToArray())
            {
                End(id, "lost");
            }
        }
    }

    /// <summary>Takes an answer: EALREADY is told the second one, ETIMEDOUT the late one, EHOSTDOWN whom nobody hears.</summary>
    internal Errno Answer(Request request, ApprovalFile file, bool isYes)
    {
        // The folder lets nobody else in; a descriptor may have been handed on.
        if (request.Uid != ownerUid && request.Uid != 0)
        {
            return Errno.EACCES;
        }

        lock (gate)
        {
            if (!waiting.TryGetValue(file.Id, out ApprovalFile? current) || current != file)
            {
                return Errno.EALREADY;
            }

            if ((clock ?? TimeProvider.System).GetUtcNow() >= file.Expires)
            {
                return Errno.ETIMEDOUT;
            }

            if (!answered(file.Id, isYes, request.Uid))
            {
                return Errno.EHOSTDOWN;
            }

            _ = waiting.Remove(file.Id);
            _ = decided.Add(file.Id);
            Folder.Hide(file);
            Publish(file.Id, isYes ? "yes" : "no", request.Uid, request.Pid);
            return Errno.Ok;
        }
    }

    internal Errno Refuse(Request request, ApprovalFile file, ReadOnlySpan<byte> data)
    {
        errors.Add(file.ToString(), request.Pid, new Rejection("one write of yes or no is wanted"), data[..Math.Min(data.Length, ShownBytes)]);
        return Errno.EINVAL;
    }

    private void Publish(string id, string outcome, uint uid, uint pid) => events.Publish(new FsEvent
    {
        Kind = FsEventKind.Approval,
        Time = Timestamp.Now,
        Parent = Folder.Ino,
        Name = Encoding.ASCII.GetBytes(id),
        Outcome = outcome,
        Uid = uid,
        Pid = pid,
    });
}

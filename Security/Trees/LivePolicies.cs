using ClawFS.Linux;
using ClawFS.Vfs;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Trees;

/// <summary>
/// The policies of the store that is open: the one place that changes them. A change is checked as a whole, kept in the store, and only then live and told. Safe for several threads;
/// the gate is held while the store is written, so that changes are told in the order in which they were kept.
/// </summary>
public sealed class LivePolicies
{
    /// <summary>Most active policies, and most drafts.</summary>
    public const int MaxFiles = 256;

    /// <summary>Most bytes of all active policies and drafts together.</summary>
    public const long MaxBytes = 4 << 20;

    private readonly PolicyStorage storage;
    private readonly Action<string> report;
    private readonly PolicyChecks checks;
    private volatile PolicyState? state;
    private volatile PolicySetChanged? current;
    private bool isUnread;

    /// <summary>Begins closed.</summary>
    /// <param name="storage">Where they are kept.</param>
    /// <param name="report">Told what is wrong with what is kept, a line each.</param>
    /// <param name="layers">What enforces policies on this machine: a rule for which it lacks the layer is refused.</param>
    public LivePolicies(PolicyStorage storage, Action<string> report, Layers layers = Layers.Stock)
    {
        Layers = layers;
        checks = new PolicyChecks(layers);
        this.storage = storage;
        this.report = report;
    }

    /// <summary>
    /// Told of every change once it is live, one at a time, in order, and of what is in effect when a store is opened. Called under the lock of the policies, on the thread that serves the
    /// save: it must be quick and must not wait for anything that saves a policy.
    /// </summary>
    public Action<PolicySetChanged> Changed { get; set; } = static _ => { };

    /// <summary>What is in effect; null while the store is locked.</summary>
    public PolicySetChanged? Current => current;

    /// <summary>What enforces policies on this machine.</summary>
    internal Layers Layers { get; }

    /// <summary>Guards the state, and with it the names in the folders that show it.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Told under the gate when a store was opened, and that none is open.</summary>
    internal Action Shown { get; set; } = static () => { };

    /// <summary>Told under the gate when what is in effect is different.</summary>
    internal Action Effective { get; set; } = static () => { };

    /// <summary>What is kept; null while the store is locked.</summary>
    internal PolicyState? State => state;

    /// <summary>Whether what is kept cannot be read: nothing is allowed until a policy is saved, which sets the rest aside.</summary>
    internal bool IsDamaged => state is not null && isUnread;

    /// <summary>Takes the policies of the store that is open now; one that never had any gets those that come with claw.</summary>
    public void Open()
    {
        lock (Gate)
        {
            state = Load();
            Shown();
            Tell(state);
        }
    }

    /// <summary>The store is about to be closed: everything is forgotten. Nothing is told, for nothing has changed.</summary>
    public void Close()
    {
        lock (Gate)
        {
            state = null;
            current = null;
            checks.Forget();
            Shown();
        }
    }

    /// <summary>Changes what is kept; null with the change live, or why not. Under the gate.</summary>
    /// <param name="change">Makes the next state from that of now.</param>
    /// <param name="saved">The policy that is being saved, of whose faults the person is told; null where there is none.</param>
    internal Rejection? Change(Func<PolicyState, PolicyState> change, string? saved = null)
    {
        if (state is not { } now)
        {
            return new("the store is locked; claw unlock opens it", 0, Errno.ENOKEY);
        }

        PolicyState next = change(now);
        bool isEffective = next.Mode != now.Mode || checks.Differ(now.Active, next.Active);
        if (!isEffective && next.Drafts == now.Drafts)
        {
            return null;
        }

        if (next.Active.Count > MaxFiles || next.Drafts.Count > MaxFiles || next.Bytes > MaxBytes)
        {
            return new($"there are at most {MaxFiles} policies and {MaxFiles} drafts with {MaxBytes >> 20} MiB in all", 0, Errno.EDQUOT);
        }

        if (isEffective)
        {
            if (checks.Refuse(now.Active, next.Active, saved) is { } refused)
            {
                return refused;
            }

            next = next with { Version = now.Version + 1 };
        }

        if (Keep(next) is var error && error != Errno.Ok)
        {
            return new($"the store does not take it: {error}", 0, error);
        }

        state = next;
        if (isEffective)
        {
            Tell(next);
        }

        return null;
    }

    /// <summary>The first error of a text that no further line mends, or null.</summary>
    internal PolicyError? CheckBeginning(string name, ReadOnlySpan<byte> begun)
    {
        PolicyReading reading = PolicyFile.ParseBeginning(begun, name + PolicyFile.Extension);
        // A parent that is not there is said once in the file, so no line takes that back.
        return reading.File?.Extends is { } parent && Current is { } current && !current.Policies.Contains(parent)
            ? current.Policies.With([(name, reading)]).Compile(name, new CompileOptions { Layers = Layers }).Errors.FirstOrDefault()
            : reading.Errors.FirstOrDefault();
    }

    private void Tell(PolicyState told)
    {
        PolicySetChanged now = told.Told;
        current = now;
        Changed(now);
        Effective();
    }

    private Errno Keep(PolicyState next)
    {
        if (isUnread && storage.SetAside() is var error and not Errno.Ok)
        {
            return error;
        }

        isUnread = false;
        return storage.Save(PolicyStateFile.Write(next).Span);
    }

    private PolicyState Load()
    {
        isUnread = false;
        Errno error = storage.Load(out byte[]? content);
        if (error != Errno.Ok)
        {
            return Unread($"{error}");
        }

        if (content is null)
        {
            return Begin();
        }

        try
        {
            PolicyState kept = PolicyStateFile.Read(content);
            foreach (PolicyError wrong in checks.Errors(kept.Active))
            {
                report($"a policy that is kept is not valid and allows nothing until it is mended: {wrong.File}:{wrong.Line}:{wrong.Column}: {wrong.Message}");
            }

            return kept;
        }
        catch (InvalidDataException wrong)
        {
            return Unread(wrong.Message);
        }
    }

    /// <summary>The shipped policies, kept at once. A store that takes nothing shows them all the same.</summary>
    private PolicyState Begin()
    {
        Timestamp now = Timestamp.Now;
        PolicyState first = PolicyState.Empty with
        {
            Version = 1,
            Active = PolicyState.Empty.Active.AddRange(PolicySet.ShippedTexts().Select(shipped => KeyValuePair.Create(shipped.Name, new KeptText(shipped.Text, now)))),
        };
        if (storage.Save(PolicyStateFile.Write(first).Span) is var error and not Errno.Ok and not Errno.EROFS)
        {
            report($"the policies that come with claw are in effect, but the store does not take them: {error}");
        }

        return first;
    }

    private PolicyState Unread(string reason)
    {
        isUnread = true;
        report($"what the store keeps of policies cannot be read, so nothing is allowed: {reason}; restore a backup, or save a policy anew, which sets the damaged ones aside");
        return PolicyState.Empty;
    }
}

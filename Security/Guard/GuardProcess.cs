using ClawFS.Linux;
using ClawOS.Security.AppArmor;
using ClawOS.Security.GuardLink;

namespace ClawOS.Security.Guard;

/// <summary>
/// The whole of guard: follows the policies that fs publishes, starts sandboxes at launch sockets, and changes those that run. It lives through restarts of fs: each gets a new
/// channel, and the sockets are bound anew.
/// </summary>
public sealed class GuardProcess : IDisposable
{
    private const string RunFolder = "run", SocketName = "launch";
    private const int KeptProfiles = 4;
    private static readonly TimeSpan ListEvery = TimeSpan.FromSeconds(2);

    private readonly GuardOptions options;
    private readonly RunTable runs = new();
    private readonly SocketBinder binder = new();
    private readonly ProfilePool? profiles = ProfilePool.TryOpen(KeptProfiles);
    private readonly PolicyApplier applier;
    private readonly ViewTable views;
    private readonly ApprovalTable approvals;
    private readonly LaunchServer server;
    private readonly Timer lister;
    private readonly Lock gate = new();
    private GuardChannel? link;
    private LocalListener? listener;

    /// <summary>Makes guard and its threads; nothing is served before <see cref="Attach"/>.</summary>
    /// <param name="options">What it is started with.</param>
    public GuardProcess(GuardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        applier = new PolicyApplier(runs, (version, text) => Send(new AppliedFrame(version, text)));
        approvals = new ApprovalTable(options.ApprovalLifetime);
        views = new ViewTable(options.Mount, binder, Send, options.Report);
        server = new LaunchServer(new Launcher(options, runs, applier, approvals, views, profiles), new AskServer(approvals), runs, applier, views, options.Report);
        views.Bind = server.Open;
        lister = new Timer(_ => ListAgain());
        runs.Changed = List;
        binder.Start();
        applier.Start();
        _ = lister.Change(ListEvery, ListEvery);
    }

    /// <summary>Takes the channel to a fs that serves the mount, in place of an earlier one.</summary>
    /// <param name="channel">Guard's end.</param>
    public void Attach(MessageChannel channel)
    {
        Unbind();
        PolicyFiles.Joiner joiner = new();
        bool isBound = false;
        GuardChannel? made = null;
        made = new GuardChannel(channel, "fs")
        {
            Received = frame =>
            {
                if (frame is ViewOpenedFrame opened)
                {
                    views.Take(opened);
                }
                else if (frame is DecisionFrame decision)
                {
                    Decide(decision);
                }
                else if (frame is PoliciesFrame part && joiner.Add(part) is { } files)
                {
                    applier.Take(new LivePolicies(files));
                    if (!isBound)
                    {
                        // Not before: that fs has sent them says that it knows who binds.
                        isBound = true;
                        Bind();
                    }
                }
            },
            Ended = fault => OnEnded(made, fault),
        };
        lock (gate)
        {
            link = made;
        }

        made.Start();
        _ = made.Send(new HelloFrame(binder.ThreadId));
        views.Attach();
        approvals.TellTo(frame => _ = made.Send(frame));
        List();
    }

    /// <summary>Lets go of everything in the mount but what runs there, so that it can be unmounted; and of profiles kept for a next sandbox, for whoever stops a mount kills guard then.</summary>
    public void Unbind()
    {
        GuardChannel? old;
        lock (gate)
        {
            old = link;
            link = null;
            listener?.Dispose();
            listener = null;
        }

        old?.Dispose();
        views.Detach();
        profiles?.Clear();
    }

    /// <summary>Forgets every sandbox and listens no more; sandboxes that it started end with their clients or with this process.</summary>
    public void Dispose()
    {
        lister.Dispose();
        approvals.Dispose();
        Unbind();
        foreach (RegisteredRun run in runs.All().OfType<RegisteredRun>())
        {
            run.Dispose();
        }

        profiles?.Dispose();
    }

    /// <summary>fs lets only the owner and root write an answer; that is not left to fs alone.</summary>
    private void Decide(DecisionFrame decision)
    {
        if (decision.Uid == 0 || decision.Uid == options.OwnerUid)
        {
            approvals.Decide(decision.Id, decision.IsYes);
        }
        else
        {
            options.Report($"approval {decision.Id}: an answer of uid {decision.Uid}, who is not the owner, was left out");
        }
    }

    private void Bind() => _ = binder.Do(() =>
    {
        LocalListener bound = server.Open(Path.Join(options.Mount, RunFolder), SocketName, Principal.Owner);
        lock (gate)
        {
            if (link is null)
            {
                bound.Dispose();
                return;
            }

            listener?.Dispose();
            listener = bound;
        }
    }).ContinueWith(failed => options.Report($"the launch socket cannot be bound: {failed.Exception!.InnerException!.Message}"), TaskContinuationOptions.OnlyOnFaulted);

    private void OnEnded(GuardChannel? ended, string? fault)
    {
        bool wasCurrent;
        lock (gate)
        {
            wasCurrent = ended == link;
        }

        if (wasCurrent)
        {
            Unbind();
            if (fault is not null)
            {
                options.Report($"the channel to fs ended: {fault}");
            }
        }
    }

    private void List() => _ = Send(new RunsFrame(runs.ToString()));

    /// <summary>What sandboxes use changes by itself.</summary>
    private void ListAgain()
    {
        if (!runs.IsEmpty)
        {
            List();
        }
    }

    private bool Send(GuardFrame frame)
    {
        GuardChannel? to;
        lock (gate)
        {
            to = link;
        }

        return to?.Send(frame) ?? false;
    }
}

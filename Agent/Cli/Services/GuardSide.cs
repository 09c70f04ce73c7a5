using System.Text;
using ClawFS.Linux;
using ClawFS.Trees;
using ClawFS.Vfs;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Trees;
using PolicyMode = ClawOS.Security.GuardLink.PolicyMode;

namespace ClawOS.Cli.Services;

/// <summary>fs's side of guard: publishes the policies to it and shows what it says in `run`.</summary>
internal sealed class GuardSide
{
    private const uint OwnerReads = 0x100;

    private readonly Action<string> report;
    // What guard says and that it is gone, one after the other: nothing of an earlier guard comes after its end. Taken before the gate.
    private readonly Lock hearing = new();
    private readonly Lock gate = new();
    private readonly GeneratedFile list;
    private readonly GeneratedFile applied;
    private volatile GuardChannel? link;
    private PolicyFiles policies = new(0, PolicyMode.Enforce, []);
    private volatile string listText = "";
    private volatile string appliedText = "";
    private volatile uint binder;

    /// <param name="report">Told when guard breaks the protocol.</param>
    internal GuardSide(Action<string> report)
    {
        this.report = report;
        list = GeneratedFile.OfText(() => listText, OwnerReads, Timeout.InfiniteTimeSpan);
        applied = GeneratedFile.OfText(() => appliedText, OwnerReads, Timeout.InfiniteTimeSpan);
        Run = new RunFolder(() => binder);
        Run.Add("list", list).Add("applied", applied);
    }

    /// <summary>The folder `run` of the mount.</summary>
    internal RunFolder Run { get; }

    /// <summary>The thread that binds sockets for guard; 0 without guard.</summary>
    internal uint Binder => binder;

    /// <summary>Called on the channel's thread with each frame that is about views and approvals, one at a time.</summary>
    internal Action<GuardFrame> Asked { get; set; } = static _ => { };

    /// <summary>Called when guard is gone, or another one comes: its views and approvals are gone with it. Never beside <see cref="Asked"/>.</summary>
    internal Action Lost { get; set; } = static () => { };

    /// <summary>Makes a version of the policies the live one. Does not wait for guard.</summary>
    internal void Publish(PolicySetChanged set)
    {
        PolicyFiles files = new(
            (ulong)set.Version,
            set.Mode == ClawOS.Security.Trees.PolicyMode.Audit ? PolicyMode.Audit : PolicyMode.Enforce,
            [.. set.Files.Select(static file => (file.FileName, Encoding.UTF8.GetString(file.Utf8.Span)))]);
        lock (gate)
        {
            policies = files;
            Tell();
        }
    }

    /// <summary>Tells the owner of something that guard does wrong.</summary>
    internal void Report(string line) => report($"guard: {line}");

    /// <summary>Sends guard a frame.</summary>
    /// <returns>False without guard.</returns>
    internal bool Send(GuardFrame frame)
    {
        lock (gate)
        {
            return link?.Send(frame) ?? false;
        }
    }

    /// <summary>Takes the channel to guard, in place of an earlier one.</summary>
    internal void Attach(MessageChannel channel)
    {
        GuardChannel? made = null;
        made = new GuardChannel(channel, "guard") { Received = frame => Take(made!, frame), Ended = fault => OnEnded(made!, fault) };
        lock (hearing)
        {
            lock (gate)
            {
                link?.Dispose();
                link = made;
                binder = 0;
            }

            Run.Release();
            Lost();
        }

        made.Start();
    }

    private void Take(GuardChannel from, GuardFrame frame)
    {
        switch (frame)
        {
            case HelloFrame hello:
                lock (gate)
                {
                    if (link == from)
                    {
                        binder = hello.BinderThread;
                        Tell();
                    }
                }

                break;
            case AppliedFrame { Text: var text }:
                appliedText = text;
                applied.Changed();
                break;
            case RunsFrame { Text: var text }:
                listText = text;
                list.Changed();
                break;
            case OpenViewFrame or CloseViewFrame or ApprovalFrame or ApprovalGoneFrame:
                lock (hearing)
                {
                    if (link == from)
                    {
                        Asked(frame);
                    }
                }

                break;
            default:
                from.Dispose(); // What only fs says.
                break;
        }
    }

    /// <summary>Under the gate, so that versions go in their order.</summary>
    private void Tell()
    {
        if (link is { } to && binder != 0)
        {
            foreach (PoliciesFrame frame in policies.ToFrames())
            {
                _ = to.Send(frame);
            }
        }
    }

    private void OnEnded(GuardChannel ended, string? fault)
    {
        if (fault is not null)
        {
            report($"guard: {fault}");
        }

        lock (hearing)
        {
            lock (gate)
            {
                if (link != ended)
                {
                    return;
                }

                link = null;
                binder = 0;
            }

            Run.Release();
            Lost();
        }

        listText = "";
        list.Changed();
    }
}

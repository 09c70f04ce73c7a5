using System.Security.Cryptography;
using System.Text;
using ClawFS.Linux;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace ClawOS.Security.Guard;

/// <summary>
/// The views of the sandboxes that run: guard opens one for each that it starts and whose policy has something of /claw, and binds the launch sockets of these and of those that
/// `claw run` names in its registration. A new fs is told of guard's own again, and every socket is bound anew. Safe for use by several threads.
/// </summary>
/// <param name="mount">The mount point.</param>
/// <param name="binder">Who binds.</param>
/// <param name="send">Sends fs a frame; false without fs.</param>
/// <param name="report">Told what goes wrong.</param>
internal sealed class ViewTable(string mount, SocketBinder binder, Func<GuardFrame, bool> send, Action<string> report)
{
    private const string SocketName = "launch";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>How often a socket that cannot be bound is tried: who holds the view has a minute to tell a new fs so.</summary>
    private const int Tries = 200;

    private readonly Lock gate = new();
    private readonly Dictionary<string, SandboxView> views = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, TaskCompletionSource<uint>> asked = [];
    private uint lastRequest;
    private int link; // Grows with every fs that comes or goes: what was begun for an earlier one is left.

    /// <summary>Binds a socket (<see cref="LaunchServer.Open"/>).</summary>
    internal Func<string, string, Principal, LocalListener> Bind { get; set; } = static (_, _, _) => throw new InvalidOperationException("nobody listens");

    /// <summary>Makes a name for the view of a sandbox that shall be started; null where its policy has nothing of /claw.</summary>
    /// <param name="policy">Its policy.</param>
    /// <param name="workspace">What $WORKSPACE stands for.</param>
    /// <param name="launcher">Who has it started.</param>
    internal SandboxView? For(EffectivePolicy policy, string workspace, Principal launcher)
    {
        bool launches = policy.UsesLaunchSocket;
        return launches || policy.UsesClaw
            ? new SandboxView(this, mount, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), launches ? new Principal(policy.Name, workspace, launcher) : null, isOwn: true)
            : null;
    }

    /// <summary>Has fs open a view of <see cref="For"/>, with its socket; returns when it can be used.</summary>
    /// <exception cref="SandboxRefusedException">It cannot be opened.</exception>
    internal void Open(SandboxView view, IReadOnlyList<ClawGrant> grants)
    {
        if (grants.Count > GuardLimits.MaxGrants)
        {
            throw new SandboxRefusedException($"the policy grants {grants.Count} places of {ClawView.Place}; {GuardLimits.MaxGrants} are the most");
        }

        if (grants.Sum(static grant => Encoding.UTF8.GetByteCount(grant.Path)) > GuardLimits.MaxPaths)
        {
            throw new SandboxRefusedException($"the places of {ClawView.Place} that the policy grants have paths of more than {GuardLimits.MaxPaths} bytes together, which is the most");
        }

        view.Grants = [.. grants.Select(static grant => new ViewGrant(grant.Path, GrantAccess.Read, grant.IsFolder))];
        Task<uint> answer;
        int current;
        lock (gate)
        {
            views.Add(view.Id, view);
            (answer, current) = (Ask(view), link);
        }

        if (!answer.Wait(AnswerLimit))
        {
            throw new SandboxRefusedException("fs does not open the sandbox's view");
        }

        if (answer.Result != 0)
        {
            throw new SandboxRefusedException($"fs does not open the sandbox's view ({(Errno)answer.Result})");
        }

        if (view.Principal is not null)
        {
            TryBindAsync(view, current).Wait(AnswerLimit);
        }
    }

    /// <summary>Binds the socket of a view that a `claw run` holds, as long as it is registered.</summary>
    /// <returns>Null when the view has one already.</returns>
    internal SandboxView? Add(string id, Principal principal)
    {
        SandboxView view = new(this, mount, id, principal, isOwn: false);
        lock (gate)
        {
            if (!views.TryAdd(id, view))
            {
                return null;
            }

            _ = BindAsync(view, link);
        }

        return view;
    }

    /// <summary>A sandbox is over: its view goes, and who is connected there is cut off.</summary>
    internal void Close(SandboxView view)
    {
        bool wasThere;
        lock (gate)
        {
            if (view.IsClosed)
            {
                return;
            }

            view.IsClosed = true;
            wasThere = views.Remove(view.Id);
            view.Listener?.Dispose();
            view.Listener = null;
        }

        view.Principal?.Close();
        if (view.IsOwn && wasThere)
        {
            _ = send(new CloseViewFrame(view.Id));
        }
    }

    /// <summary>There is a fs that may know nothing: it has been told who binds.</summary>
    internal void Attach()
    {
        lock (gate)
        {
            link++;
            foreach (SandboxView view in views.Values)
            {
                _ = ShowAgainAsync(view, view.IsOwn ? Ask(view) : Task.FromResult(0u), link);
            }
        }
    }

    /// <summary>fs is gone, and the sockets with it.</summary>
    internal void Detach()
    {
        lock (gate)
        {
            link++;
            foreach (SandboxView view in views.Values)
            {
                view.Listener?.Dispose();
                view.Listener = null;
            }

            foreach (TaskCompletionSource<uint> request in asked.Values)
            {
                _ = request.TrySetResult((uint)Errno.ENOTCONN);
            }

            asked.Clear();
        }
    }

    /// <summary>fs has answered.</summary>
    internal void Take(ViewOpenedFrame answer)
    {
        lock (gate)
        {
            if (asked.Remove(answer.Request, out TaskCompletionSource<uint>? request))
            {
                request.SetResult(answer.Errno);
            }
        }
    }

    private Task<uint> Ask(SandboxView view)
    {
        TaskCompletionSource<uint> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        uint request = ++lastRequest == 0 ? ++lastRequest : lastRequest;
        asked[request] = answer;
        if (!send(new OpenViewFrame(request, view.Id, view.Principal is not null, view.Grants)))
        {
            _ = asked.Remove(request);
            answer.SetResult((uint)Errno.ENOTCONN);
        }

        return answer.Task;
    }

    private async Task ShowAgainAsync(SandboxView view, Task<uint> answer, int current)
    {
        uint error = await answer.ConfigureAwait(false);
        if (error != 0 && !IsOver(view, current))
        {
            report($"a sandbox that runs has lost its view: fs does not open it again ({(Errno)error})");
        }
        else if (view.Principal is not null)
        {
            await BindAsync(view, current).ConfigureAwait(false);
        }
    }

    /// <summary>Until it is bound, or nobody wants it any more.</summary>
    private async Task BindAsync(SandboxView view, int current)
    {
        for (int tries = 1; !await TryBindAsync(view, current).ConfigureAwait(false); tries++)
        {
            if (tries == Tries)
            {
                report($"the launch socket of a view cannot be bound");
                return;
            }

            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }

    /// <returns>False when it is to be tried again.</returns>
    private async Task<bool> TryBindAsync(SandboxView view, int current)
    {
        if (IsOver(view, current))
        {
            return true;
        }

        try
        {
            await binder.Do(() =>
            {
                LocalListener bound = Bind(Path.Join(mount, ".views", view.Id, "run"), SocketName, view.Principal!);
                lock (gate)
                {
                    if (IsOver(view, current))
                    {
                        bound.Dispose();
                        return;
                    }

                    view.Listener?.Dispose();
                    view.Listener = bound;
                }
            }).ConfigureAwait(false);
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private bool IsOver(SandboxView view, int current)
    {
        lock (gate)
        {
            return view.IsClosed || link != current;
        }
    }
}

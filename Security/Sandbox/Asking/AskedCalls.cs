using System.Runtime.InteropServices;
using ClawFS.Linux;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Asking;

/// <summary>
/// Has the owner asked about each call of a sandbox that its policy wants asked. The thread that makes such a call stands still, no other does; a call whose caller dies is
/// withdrawn, and one that nobody says yes to fails with EPERM. Ends with the sandbox.
/// </summary>
public sealed class AskedCalls : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly SandboxRun run;
    private readonly Func<AskedCall, CancellationToken, Task> ask;
    private readonly SyscallTable table = SyscallTable.For(RuntimeInformation.ProcessArchitecture);
    private readonly Lock gate = new();
    private readonly Dictionary<AskedCall, CancellationTokenSource> waiting = [];
    private readonly Thread thread;
    private Timer? look;
    private bool isOver;

    private AskedCalls(SandboxRun run, Func<AskedCall, CancellationToken, Task> ask)
    {
        (this.run, this.ask) = (run, ask);
        thread = new Thread(Serve) { IsBackground = true, Name = "asked calls" };
    }

    /// <summary>Begins, where the plan of a sandbox is supervised for calls that are asked.</summary>
    /// <param name="run">The sandbox; disposed after what this returns.</param>
    /// <param name="ask">Asks about a call, which waits until it is let pass or this has ended; cancelled when the caller is gone. Must not throw.</param>
    public static AskedCalls Start(SandboxRun run, Func<AskedCall, CancellationToken, Task> ask)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(ask);
        AskedCalls calls = new(run, ask);
        calls.look = new Timer(_ => calls.LookAgain());
        calls.thread.Start();
        return calls;
    }

    /// <summary>Call it when the sandbox has ended.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isOver = true;
            look?.Dispose();
        }

        Withdraw(static _ => true);
    }

    private void Serve()
    {
        try
        {
            using CallListener? listener = run.TakeListener();
            while (listener?.Next() is { } call)
            {
                AskedCall asked = new(call, listener, table.NameOf(call.Number) ?? $"#{call.Number}");
                if (asked.IsWaiting)
                {
                    _ = AnswerAsync(asked);
                }
            }

            Withdraw(static _ => true); // While the listener is open: it is about calls of the dead.
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            Withdraw(static _ => true); // The listener is closed with this: every call that waits for it fails.
        }
    }

    private async Task AnswerAsync(AskedCall call)
    {
        CancellationTokenSource gone = new();
        lock (gate)
        {
            if (waiting.Count == 0 && !isOver)
            {
                _ = look!.Change(LookEvery, LookEvery);
            }

            waiting.Add(call, gone);
        }

        await Task.Yield(); // The next call does not wait for this one.
        try
        {
            await ask(call, gone.Token);
            call.Refuse();
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // Nothing hears an answer any more.
        }
        finally
        {
            lock (gate)
            {
                _ = waiting.Remove(call);
                if (waiting.Count == 0 && !isOver)
                {
                    _ = look!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    /// <summary>The kernel does not tell that a caller has died.</summary>
    private void LookAgain()
    {
        try
        {
            Withdraw(static call => !call.IsWaiting);
        }
        catch (ObjectDisposedException)
        {
            // The sandbox has ended meanwhile, and with it every call.
        }
    }

    private void Withdraw(Func<AskedCall, bool> which)
    {
        CancellationTokenSource[] gone;
        lock (gate)
        {
            gone = [.. waiting.Where(pair => which(pair.Key)).Select(static pair => pair.Value)];
        }

        Array.ForEach(gone, static source => source.Cancel());
    }
}

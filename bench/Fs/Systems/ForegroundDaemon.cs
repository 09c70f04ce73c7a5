using System.Diagnostics;

namespace ClawOS.Bench.Fs.Systems;

/// <summary>A peer whose daemon is one program that stays in the foreground.</summary>
/// <param name="root">Scratch folder.</param>
/// <param name="initialise">Prepares the backing folder, given as the argument; null: nothing to do.</param>
/// <param name="command">The command line for a backing folder and a mount point.</param>
internal sealed class ForegroundDaemon(string root, Action<string>? initialise, Func<string, string, string[]> command) : BenchedSystem(root)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private bool initialised;
    private Process? daemon;

    public override IReadOnlyList<int> Daemons() => daemon is null ? [] : [daemon.Id];

    public override void Start()
    {
        if (!initialised)
        {
            initialise?.Invoke(Backing);
            initialised = true;
        }
        string[] line = command(Backing, Mount);
        daemon = Command.Start(null, null, line[0], line[1..]);
        Stopwatch clock = Stopwatch.StartNew();
        while (!IsMounted(Mount))
        {
            if (daemon.WaitForExit(Look) || clock.Elapsed > Limit)
                throw new InvalidOperationException($"{line[0]} does not mount: {(daemon.HasExited ? daemon.StandardError.ReadToEnd() : "no answer")}");
        }
    }

    public override void Stop()
    {
        if (daemon is null)
            return;
        if (IsMounted(Mount))
            Command.Run("umount", Mount);
        if (!daemon.WaitForExit(Limit))
            daemon.Kill();
        daemon.Dispose();
        daemon = null;
    }
}

namespace ClawOS.Mounting;

/// <summary>
/// One store with its own state folder and mount point, served by the built product. Nothing outside its temporary folder is
/// touched, and nothing stays mounted, whatever the test does.
/// </summary>
public sealed class ClawMount : IDisposable
{
    private static readonly Lazy<bool> s_stale = new(() =>
    {
        MountList.CleanStale();
        return true;
    });
    private readonly TestFolder _folder;
    private readonly string? _store;

    /// <summary>Makes folders only; <see cref="Up"/> mounts. <paramref name="store"/> puts the store elsewhere.</summary>
    public ClawMount(string? store = null)
    {
        Need.Fuse();
        _ = s_stale.Value;
        _folder = new TestFolder();
        _store = store;
        Directory.CreateDirectory(Mount);
    }

    public string Base => _folder.Path;
    public string Mount => _folder["mnt"];
    public string Store => _store ?? _folder["store"];
    public string State => _folder["state"];

    /// <summary>The stored part of the mount.</summary>
    public string Memory => Path.Combine(Mount, "memory");

    public bool IsMounted => MountList.Below(Mount).Length > 0;

    /// <summary>Runs a verb of claw with this store's state folder.</summary>
    public ProgramResult Claw(params string[] arguments) => Claw(TimeSpan.FromSeconds(90), arguments);

    public ProgramResult Claw(TimeSpan limit, params string[] arguments) => Run(limit, [.. Repository.ClawCommand(), .. arguments]);

    /// <summary>Like <see cref="Claw(string[])"/>, but goes on at once.</summary>
    public RunningProgram Start(params string[] arguments)
    {
        string[] command = [.. Repository.ClawCommand(), .. arguments];
        return Programs.Start(Options(TimeSpan.FromMinutes(2)), command[0], command[1..]);
    }

    /// <summary>Mounts and fails the test with everything that was printed when that does not work.</summary>
    public ClawMount Up()
    {
        TryUp().Must();
        if (!IsMounted)
            throw new InvalidOperationException($"up succeeded, but nothing is mounted at {Mount}");
        return this;
    }

    /// <summary>Further words for <see cref="Up"/>.</summary>
    public string[] UpArguments { get; init; } = [];

    /// <summary>What <see cref="Up"/>, and with it every service, is started through.</summary>
    public Func<string[], string[]> UpThrough { get; init; } = static command => command;

    public ProgramResult TryUp() => Run(TimeSpan.FromSeconds(90), UpThrough([.. Repository.ClawCommand(), "up", Mount, "--store", Store, .. UpArguments]));

    /// <summary>Unmounts; must succeed and leave no mount.</summary>
    public void Down()
    {
        Claw("down", Mount).Must();
        if (IsMounted)
            throw new InvalidOperationException($"down succeeded, but {Mount} is still mounted");
    }

    public void Remount()
    {
        Down();
        Up();
    }

    /// <summary>SIGKILL to supervisor, fs and workers at once. The mount point stays behind dead, as after a crash.</summary>
    /// <returns>How many processes were killed.</returns>
    public int KillEverything()
    {
        int[] pids = ProcessList.Naming(Base + "/");
        ProcessList.Kill(pids);
        return pids.Length;
    }

    public void Dispose()
    {
        try
        {
            if (IsMounted)
                Claw(TimeSpan.FromSeconds(30), "down", Mount);
        }
        catch (TimeoutException e)
        {
            Console.Error.WriteLine($"down hangs, the mount is cut: {e.Message}");
        }
        finally
        {
            KillEverything();
            MountList.Detach(Base);
            _folder.Dispose();
        }
    }

    private ProgramResult Run(TimeSpan limit, string[] command) => Programs.Run(Options(limit), command[0], command[1..]);

    private ProgramOptions Options(TimeSpan limit) => new()
    {
        Timeout = limit,
        Environment = new Dictionary<string, string?> { ["CLAW_STATE"] = State, ["NO_COLOR"] = "1" },
    };
}

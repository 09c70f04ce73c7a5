using System.Diagnostics;
using System.Text.Json;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Restart;

/// <summary>Kills fs alone, under a mount that is in use, and waits for its successor.</summary>
internal sealed class RestartedFs(ClawMount claw)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private int _killed;

    /// <summary>Kills in this mount so far. Without --fs-restarts the supervisor allows five in a minute.</summary>
    public int Kills { get; private set; }

    /// <summary>The process that serves a mount now.</summary>
    public static int PidOf(ClawMount claw) => new RestartedFs(claw).Fs().GetProperty("pid").GetInt32();

    /// <summary>SIGKILL; returns at once, while the mount has no server or one that is just dying.</summary>
    public void Kill() => Assert.True(TryKillAgain(), "fs is not there to be killed");

    /// <summary>The same, unless no other fs runs than the one that was killed last.</summary>
    public bool TryKillAgain()
    {
        int pid = Service("fs").GetProperty("pid").GetInt32();
        if (pid == 0 || pid == _killed)
            return false;
        Kill(pid);
        _killed = pid;
        Kills++;
        return true;
    }

    /// <summary>SIGKILL to the supervisor alone.</summary>
    public void KillSupervisor() => Kill(Service("supervisor").GetProperty("pid").GetInt32());

    /// <summary>Waits until the successor serves.</summary>
    public void WaitForSuccessor() => Assert.True(
        SpinWait.SpinUntil(() => Service("fs") is var fs && fs.GetProperty("restarts").GetInt32() == Kills && fs.GetProperty("state").GetString() == "running", s_limit),
        $"no successor after kill {Kills}");

    /// <summary>Waits until a successor has been started for every kill, whatever its state.</summary>
    public void WaitForRestarts() => Assert.True(
        SpinWait.SpinUntil(() => Fs().GetProperty("restarts").GetInt32() == Kills && Fs().GetProperty("pid").GetInt32() != 0, s_limit), $"no successor after kill {Kills}");

    /// <summary>Waits until the state of fs is this one.</summary>
    public void WaitForState(string state) => Assert.True(
        SpinWait.SpinUntil(() => Fs().GetProperty("state").GetString() == state, s_limit), $"fs is not {state} but {Fs().GetProperty("state").GetString()}");

    /// <summary>Waits until the notify worker of the successor runs.</summary>
    public bool WaitForNotify(TimeSpan limit) => SpinWait.SpinUntil(() => Service("notify").GetProperty("state").GetString() == "running", limit);

    /// <summary>Whether the kernel has a key of this store, as fs's own user sees it.</summary>
    public bool KeyIsKept() => KeyLines().Length != 0;

    private string[] KeyLines()
    {
        string store = Path.GetFileName(Directory.GetFiles(Path.Combine(claw.State, "anchors"))[0])[..32];
        return [.. Programs.Shell("/", "setpriv --reuid 60911 --regid 60911 --clear-groups cat /proc/keys").Split('\n')
            .Where(line => line.Contains($"claw:{store}", StringComparison.Ordinal))];
    }

    /// <summary>Takes the kernel's key away, as if the kernel kept none.</summary>
    public void DropKey()
    {
        // As fs's own user: nobody else may. KEYCTL_INVALIDATE is 21.
        const string Invalidate = "import ctypes,platform,sys; c=ctypes.CDLL(None); c.setfsuid(60911); "
            + "sys.exit(c.syscall(219 if platform.machine()=='aarch64' else 250, 21, int(sys.argv[1], 16)) != 0)";
        Programs.Run(new ProgramOptions(), "python3", "-c", Invalidate, KeyLines().Single().Split(' ')[0]).Must();
        Assert.True(SpinWait.SpinUntil(() => !KeyIsKept(), s_limit));
    }

    private JsonElement Fs() => Service("fs");

    private static void Kill(int pid)
    {
        using Process process = Process.GetProcessById(pid);
        process.Kill();
    }

    private JsonElement Service(string name)
    {
        string file = Directory.GetFiles(claw.State, "mount.json", SearchOption.AllDirectories).Single();
        using JsonDocument status = JsonDocument.Parse(File.ReadAllBytes(file));
        return status.RootElement.GetProperty("services").EnumerateArray().Single(s => s.GetProperty("name").GetString() == name).Clone();
    }
}

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

using System.Diagnostics;
using System.Text.Json;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Restart;

/// <summary>Kills fs alone, under a mount that is in use, and waits for its successor.</summary>
internal sealed class RestartedFs(ClawMount claw)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>Kills in this mount so far. The supervisor allows five in a minute.</summary>
    public int Kills { get; private set; }

    /// <summary>SIGKILL; returns at once, while the mount has no server.</summary>
    public void Kill()
    {
        using Process process = Process.GetProcessById(Fs().GetProperty("pid").GetInt32());
        process.Kill();
        Kills++;
    }

    /// <summary>Waits until the successor serves.</summary>
    public void WaitForSuccessor() => Assert.True(
        SpinWait.SpinUntil(() => Fs() is var fs && fs.GetProperty("restarts").GetInt32() == Kills && fs.GetProperty("state").GetString() == "running", s_limit),
        $"no successor after kill {Kills}");

    private JsonElement Fs()
    {
        string file = Directory.GetFiles(claw.State, "mount.json", SearchOption.AllDirectories).Single();
        using JsonDocument status = JsonDocument.Parse(File.ReadAllBytes(file));
        return status.RootElement.GetProperty("services").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "fs").Clone();
    }
}

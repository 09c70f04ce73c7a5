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
        Programs.Run(new ProgramOptions(), "kill", "-9", $"{Fs().GetProperty("pid").GetInt32()}").Must();
        Kills++;
    }

    /// <summary>Waits until the successor serves.</summary>
    public void WaitForSuccessor() => Assert.True(
        SpinWait.SpinUntil(() => Fs() is var fs && fs.GetProperty("restarts").GetInt32() == Kills && fs.GetProperty("state").GetString() == "running", s_limit),
        $"no successor after kill {Kills}");

    /// <summary>Waits until the state of fs is this one.</summary>
    public void WaitForState(string state) => Assert.True(
        SpinWait.SpinUntil(() => Fs().GetProperty("state").GetString() == state, s_limit), $"fs is not {state} but {Fs().GetProperty("state").GetString()}");

    /// <summary>Whether the kernel has a key of this store, as fs's own user sees it.</summary>
    public bool KeyIsKept()
    {
        string store = Path.GetFileName(Directory.GetFiles(Path.Combine(claw.State, "anchors"))[0])[..32];
        return Programs.Shell("/", "setpriv --reuid 60911 --regid 60911 --clear-groups cat /proc/keys").Contains($"claw:{store}", StringComparison.Ordinal);
    }

    private JsonElement Fs()
    {
        string file = Directory.GetFiles(claw.State, "mount.json", SearchOption.AllDirectories).Single();
        using JsonDocument status = JsonDocument.Parse(File.ReadAllBytes(file));
        return status.RootElement.GetProperty("services").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "fs").Clone();
    }
}

using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Restart;

/// <summary>Where the successor's key comes from, and when it is gone.</summary>
public sealed class KernelKeyTests : ProductTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_store_opened_with_a_passphrase_goes_on_after_a_kill()
    {
        using PassphraseMount mount = new();
        File.WriteAllText(Path.Combine(mount.Claw.Memory, "before"), "written before");
        for (int kill = 1; kill <= 2; kill++)
        {
            mount.Fs.Kill();
            File.WriteAllText(Path.Combine(mount.Claw.Memory, $"after{kill}"), $"written after {kill}");
            mount.Fs.WaitForSuccessor();
            Assert.Equal("written before", File.ReadAllText(Path.Combine(mount.Claw.Memory, "before")));
        }
        mount.Claw.Down();
        mount.Up();
        Assert.Equal("written after 1", File.ReadAllText(Path.Combine(mount.Claw.Memory, "after1")));
        Assert.Equal("written after 2", File.ReadAllText(Path.Combine(mount.Claw.Memory, "after2")));
    }

    [Fact]
    public void A_key_file_that_is_away_is_not_needed_for_a_successor()
    {
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        File.WriteAllText(Path.Combine(claw.Memory, "f"), "x");
        string key = Directory.GetFiles(Path.Combine(claw.State, "keys")).Single();
        File.Move(key, key + ".away");
        fs.Kill();
        Assert.Equal("x", File.ReadAllText(Path.Combine(claw.Memory, "f")));
        fs.WaitForSuccessor();
        File.Move(key + ".away", key);
    }

    [Fact]
    public void The_key_is_gone_after_lock_there_again_after_unlock_and_gone_after_down()
    {
        Need.Program("setpriv");
        using PassphraseMount mount = new();
        Assert.True(mount.Fs.KeyIsKept(), "fs keeps no key");
        mount.Claw.Claw("lock", mount.Claw.Mount).Must();
        Assert.True(SpinWait.SpinUntil(() => !mount.Fs.KeyIsKept(), s_limit), "the key outlives claw lock");
        mount.Unlock().Must();
        Assert.True(mount.Fs.KeyIsKept(), "fs keeps no key after unlock");
        mount.Claw.Down();
        Assert.True(SpinWait.SpinUntil(() => !mount.Fs.KeyIsKept(), s_limit), "the key outlives claw down");
    }

    [Fact]
    public void No_key_is_left_when_everything_is_killed()
    {
        Need.Program("setpriv");
        using PassphraseMount mount = new();
        Assert.True(mount.Fs.KeyIsKept(), "fs keeps no key");
        mount.Claw.KillEverything();
        Assert.True(SpinWait.SpinUntil(() => !mount.Fs.KeyIsKept(), s_limit), "the key outlives all who could use it");
    }
}

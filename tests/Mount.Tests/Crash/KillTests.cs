using ClawOS.Mount.Tests.Restart;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Crash;

public sealed class KillTests(ITestOutputHelper output) : ProductTests
{
    private const int MaxRun = 400, LossEvery = 6, SupervisorOnlyEvery = 4, CheckEvery = 7;

    /// <summary>
    /// CLAW_SEED repeats the choices; where the kills hit is chance in any case. fs alone: no call of any writer may fail, and all that was answered is there. The supervisor,
    /// with fs or before it: what was synced is there, and every name.
    /// </summary>
    [Fact]
    public async Task After_kills_of_fs_and_supervisor_under_load_nothing_is_lost_and_nothing_done_twice()
    {
        Need.Program("python3");
        int wanted = Need.Long ? 500 : 50;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        Random random = new(seed);
        using ClawMount claw = new() { UpArguments = ["--fs-restarts", "1000000"] };
        claw.Up();
        CrashLoad load = new(claw.Memory, seed);
        RestartedFs fs = new(claw);
        load.Start();
        int kills = 0, losses = 0;
        for (int step = 1; kills < wanted; step++)
        {
            string at = $"seed {seed}, after {kills} kills";
            await Task.Delay(random.Next(MaxRun), TestContext.Current.CancellationToken);
            Assert.True(load.Failed.Length == 0, $"{at}: {load.Failed}");
            if (step % LossEvery == 0)
            {
                await LoseMountAsync(claw, fs, supervisorOnly: ++losses % SupervisorOnlyEvery == 0, random);
                kills++;
                Assert.True(load.Stop(), $"{at}: a writer hangs after the mount was lost");
                Check(load, mountLost: true, at);
                fs = new RestartedFs(claw);
                load.Start();
                continue;
            }
            fs.Kill();
            kills++;
            if (random.Next(4) == 0)
            {
                // The successor, too, wherever it is on its way.
                await Task.Delay(random.Next(MaxRun), TestContext.Current.CancellationToken);
                kills += fs.TryKillAgain() ? 1 : 0;
            }
            fs.WaitForSuccessor();
            if (step % CheckEvery == 0)
            {
                Assert.True(load.Stop(), $"{at}: a writer hangs: {load.Failed}");
                Assert.True(load.Failed.Length == 0, $"{at}: {load.Failed}");
                Programs.Shell("/", "echo 1 > /proc/sys/vm/drop_caches");
                Check(load, mountLost: false, at);
                load.Start();
            }
        }
        Assert.True(load.Stop(), $"seed {seed}: a writer hangs at the end: {load.Failed}");
        Assert.True(load.Failed.Length == 0, $"seed {seed}, at the end: {load.Failed}");
        Check(load, mountLost: false, $"seed {seed}, at the end");
        claw.Down();
        claw.Claw("fsck", claw.Store).Must();
        output.WriteLine($"seed {seed}, {kills} kills, {losses} of the mount: {load.Done}");
    }

    [Fact]
    public void Up_alone_takes_over_a_dead_mount()
    {
        using ClawMount claw = new ClawMount().Up();
        File.WriteAllText(Path.Combine(claw.Memory, "note"), "x");
        Programs.Shell(claw.Memory, "sync note");
        claw.KillEverything();
        claw.Up();
        Assert.Equal("x", File.ReadAllText(Path.Combine(claw.Memory, "note")));
    }

    /// <summary>Without its supervisor fs serves on, until down takes the mount from those who use it. The store is checked before it is mounted again.</summary>
    private static async Task LoseMountAsync(ClawMount claw, RestartedFs fs, bool supervisorOnly, Random random)
    {
        if (supervisorOnly)
        {
            fs.KillSupervisor();
            await Task.Delay(random.Next(MaxRun), TestContext.Current.CancellationToken);
        }
        else
        {
            Assert.True(claw.KillEverything() >= 2, "supervisor and fs were not found");
        }
        claw.Claw("down", claw.Mount, "--force");
        Assert.False(claw.IsMounted, "down left the mount");
        claw.Claw("fsck", claw.Store).Must();
        claw.Up();
    }

    private static void Check(CrashLoad load, bool mountLost, string at)
    {
        string wrong = load.Check(mountLost);
        Assert.True(wrong.Length == 0, $"{at}, {(mountLost ? "on another mount" : "on the same mount")}:\n{wrong}");
    }
}

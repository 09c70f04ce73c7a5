using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;
using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

public sealed class KillTests : ProductTests
{
    private static readonly TimeSpan s_writersEnd = TimeSpan.FromSeconds(30);

    /// <summary>CLAW_SEED repeats the writers' choices; when they are cut off is chance in any case.</summary>
    [Fact]
    public void After_each_kill_of_everything_all_that_was_synced_is_there()
    {
        int kills = Need.Long ? 200 : 20;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        Random random = new(seed);
        using ClawMount claw = new ClawMount().Up();
        CrashLoad load = new(PathBytes.FromText(claw.Memory), seed);
        for (int kill = 1; kill <= kills; kill++)
        {
            long synced = load.Syncs;
            Thread[] writers = load.Start();
            long enough = synced + random.Next(5, 60);
            SpinWait.SpinUntil(() => load.Syncs >= enough || !writers.Any(w => w.IsAlive), s_writersEnd);
            Assert.True(load.Syncs >= enough, $"seed {seed}, kill {kill}: the writers stopped or hang before the kill");
            Assert.True(claw.KillEverything() >= 2, "supervisor and fs were not found");
            foreach (Thread writer in writers)
                Assert.True(writer.Join(s_writersEnd), $"seed {seed}, kill {kill}: a writer hangs on the dead mount");
            claw.Claw("down", claw.Mount);
            Assert.False(claw.IsMounted, $"kill {kill}: down left the dead mount");
            if (kill % 5 == 0)
                claw.Claw("fsck", claw.Store).Must();
            claw.Up();
            List<string> wrong = load.Check();
            Assert.True(wrong.Count == 0, $"seed {seed}, kill {kill}:\n{string.Join('\n', wrong.Take(20))}");
        }
        claw.Down();
        claw.Claw("fsck", claw.Store).Must();
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
}

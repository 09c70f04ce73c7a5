using System.Text;
using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Restart;

/// <summary>
/// fs dies at random points while writers make, rename, remove and append. Each change must succeed exactly once: one that was applied twice shows as
/// EEXIST or ENOENT, one that was lost is missing at the end.
/// </summary>
public sealed class KillUnderLoadTests : ProductTests
{
    private const int Writers = 4, Mounts = 3, KillsInEach = 4;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_change_that_was_answered_is_there_once_after_twelve_kills()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < Mounts; round++)
        {
            using ClawMount claw = new ClawMount().Up();
            RestartedFs fs = new(claw);
            using CancellationTokenSource stop = new();
            Task<int>[] writers = [.. Enumerable.Range(0, Writers).Select(w => Task.Factory.StartNew(
                () => Load(Path.Combine(claw.Memory, $"w{w}"), stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            for (int kill = 0; kill < KillsInEach; kill++)
            {
                Task failed = Task.WhenAny(writers);
                Task moment = Task.Delay(random.Next(50, 900), TestContext.Current.CancellationToken);
                Assert.True(await Task.WhenAny(failed, moment) == moment, $"seed {seed}, round {round}, kill {kill}: {Failure(writers)}");
                fs.Kill();
                fs.WaitForSuccessor();
            }
            await stop.CancelAsync();
            int[] done = await Task.WhenAll(writers).WaitAsync(s_limit, TestContext.Current.CancellationToken);
            claw.Remount();
            for (int w = 0; w < Writers; w++)
                Check(Path.Combine(claw.Memory, $"w{w}"), done[w]);
            claw.Down();
            claw.Claw("fsck", claw.Store).Must();
        }
    }

    /// <summary>Returns how many rounds it has done; throws where a change fails.</summary>
    private static int Load(string folder, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        using FileStream log = new(Path.Combine(folder, "log"), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        int done = 0;
        while (!stop.IsCancellationRequested)
        {
            string made = Path.Combine(folder, $"d{done}"), kept = Path.Combine(folder, $"e{done}");
            File.CreateSymbolicLink(made, "nowhere");
            File.Move(made, kept);
            if (done % 2 == 0)
                File.Delete(kept);
            log.Write(Encoding.ASCII.GetBytes($"{done}\n"));
            if (done % 50 == 0)
                log.Flush(flushToDisk: true);
            done++;
        }
        return done;
    }

    private static void Check(string folder, int done)
    {
        Assert.Equal(Enumerable.Range(0, done).Select(i => $"{i}"), File.ReadLines(Path.Combine(folder, "log")));
        string[] expected = [.. Enumerable.Range(0, done).Where(i => i % 2 == 1).Select(i => $"e{i}").Append("log").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static string Failure(Task<int>[] writers) => string.Join('\n', writers.Select(w => w.Exception?.InnerException?.Message));
}

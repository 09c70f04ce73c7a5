using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Rows;
using ClawFS.Store.Tests.Maps;

namespace ClawFS.Store.Tests.Faults;

/// <summary>claw.db by itself, with commits so large that SQLite copies its WAL into it while the store is open.</summary>
public sealed class RowPowerLossTests(ITestOutputHelper output)
{
    private const int Commits = 24, RowsACommit = 400, Ids = 3000, RowBytes = 3000;
    private const int SampledPoints = 60;

    [Fact]
    public void A_power_loss_at_any_write_of_SQLite_leaves_the_rows_of_a_commit_and_never_less_than_the_last_answered()
    {
        var random = new Random(Seed.For(output));
        using SecretKey key = SecretKey.Random();
        var id = Guid.NewGuid();
        using var files = new ScratchFolder();
        Directory.CreateDirectory(files.File("log"));
        Directory.CreateDirectory(files.File("seg"));
        using (Folder folder = files.Open())
        {
            RowStore.Create(folder, files.Path, key, id, [0]).Dispose();
        }
        var disk = new RecordingDisk(files.Path);
        List<(int End, Dictionary<ulong, byte> Rows)> answers = Work(disk, files.Path, key, id, random);
        DiskEvent[] events = disk.Events;
        int copied = events.Count(static e => e is { Action: DiskAction.Write, File: 1, Data.Length: 4096 });
        bool all = Environment.GetEnvironmentVariable("CLAW_LONG") == "1";
        int stride = Math.Max(1, events.Length / (all ? 10 * SampledPoints : SampledPoints));
        int points = 0;
        for (int point = disk.Base + random.Next(stride); point <= events.Length; point += stride)
        {
            int seed = random.Next();
            using ScratchFolder left = DiskImage.Build(events, point, new Random(seed));
            Check(left.Path, key, id, answers, point, $"point {point} of {events.Length}, seed {seed}");
            points++;
        }
        output.WriteLine($"{points} of {events.Length} points, {copied} pages were copied into claw.db");
        Assert.InRange(copied, 1000, int.MaxValue);
    }

    private static List<(int End, Dictionary<ulong, byte> Rows)> Work(RecordingDisk disk, string path, SecretKey key, Guid id, Random random)
    {
        var rows = new Dictionary<ulong, byte>();
        var answers = new List<(int, Dictionary<ulong, byte>)> { (0, []) };
        using Folder folder = disk.Open(path);
        using RowStore store = RowStore.Open(folder, path, key, id);
        byte[] body = new byte[RowBytes];
        for (byte commit = 1; commit <= Commits; commit++)
        {
            var batch = new RowBatch();
            for (int i = 0; i < RowsACommit; i++)
            {
                ulong row = RowIds.First + (ulong)random.Next(Ids);
                Array.Fill(body, commit);
                batch.Put(row, RowKind.Inode, body);
                rows[row] = commit;
            }
            store.Commit(batch, [commit]);
            answers.Add((disk.Count, new Dictionary<ulong, byte>(rows)));
        }
        store.Close();
        return answers;
    }

    private static void Check(string path, SecretKey key, Guid id, List<(int End, Dictionary<ulong, byte> Rows)> answers, int point, string where)
    {
        using Folder folder = Folder.Open(path);
        using RowStore store = RowStore.Open(folder, path, key, id);
        int commit = store.Head[0];
        int answered = answers.FindLastIndex(a => a.End <= point);
        Assert.True(commit >= answered && commit <= answered + 1, $"{where}: the rows are of commit {commit}, {answered} was answered");
        Assert.Equal("ok", store.CheckFile());
        Assert.Equal(answers[commit].Rows.Keys.Order(), store.Ids());
        byte[] buffer = [];
        foreach ((ulong row, byte expected) in answers[commit].Rows)
        {
            Assert.True(store.Read(row, RowKind.Inode, ref buffer, out int length) && length == RowBytes && buffer[0] == expected && buffer[RowBytes - 1] == expected, $"{where}: row {row}");
        }
    }
}

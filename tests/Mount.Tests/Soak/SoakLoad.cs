using ClawOS.Mounting;

namespace ClawOS.Mount.Tests.Soak;

/// <summary>Work of four kinds that goes on until it is stopped, of bounded size: small files come and go, a large one is rewritten, SQLite and git do what they do. What is read is compared.</summary>
internal sealed class SoakLoad(string folder, int seed, CancellationToken stop)
{
    private const int Names = 1500, LargestFile = 60_000, RewrittenBytes = 64 << 20, Block = 4096;

    private long _rounds;

    /// <summary>Rounds of work done.</summary>
    public long Rounds => Interlocked.Read(ref _rounds);

    public Task[] Start() => [Run(Files()), Run(Rewriting()), Run(Database()), Run(Repository())];

    private Task Run(Action round) => Task.Factory.StartNew(() =>
    {
        while (!stop.IsCancellationRequested)
        {
            round();
            Interlocked.Increment(ref _rounds);
        }
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private Action Files()
    {
        string top = Directory.CreateDirectory(Path.Combine(folder, "files")).FullName;
        Random random = new(seed);
        Dictionary<string, (int Seed, int Length)> there = [];
        return () =>
        {
            string name = $"d{random.Next(20)}/f{random.Next(Names / 20)}";
            string path = Path.Combine(top, name);
            switch (random.Next(8))
            {
                case 0 when there.Remove(name):
                    File.Delete(path);
                    break;
                case 1 when there.Remove(name, out (int, int) moved):
                    string target = $"d{random.Next(20)}/f{random.Next(Names / 20)}";
                    Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(top, target))!);
                    File.Move(path, Path.Combine(top, target), overwrite: true);
                    there[target] = moved;
                    break;
                case < 4 when there.TryGetValue(name, out (int Seed, int Length) known):
                    Assert.True(Content(known).AsSpan().SequenceEqual(File.ReadAllBytes(path)), $"{name} has other content");
                    break;
                default:
                    (int, int) made = (random.Next(), random.Next(LargestFile));
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    File.WriteAllBytes(path, Content(made));
                    there[name] = made;
                    break;
            }
        };
    }

    private Action Rewriting()
    {
        string path = Path.Combine(folder, "rewritten");
        Random random = new(seed + 1);
        byte[] known = new byte[RewrittenBytes];
        File.WriteAllBytes(path, known);
        return () =>
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            for (int i = 0; i < 32; i++)
            {
                int at = random.Next(RewrittenBytes / Block) * Block;
                int length = Math.Min(random.Next(1, 30) * Block, RewrittenBytes - at);
                random.NextBytes(known.AsSpan(at, length));
                file.Position = at;
                file.Write(known, at, length);
            }
            file.Flush(flushToDisk: true);
            int from = random.Next(RewrittenBytes - (1 << 20));
            byte[] read = new byte[1 << 20];
            file.Position = from;
            file.ReadExactly(read);
            Assert.True(known.AsSpan(from, read.Length).SequenceEqual(read), $"the rewritten file differs behind {from}");
        };
    }

    private Action Database()
    {
        string path = Path.Combine(folder, "soak.db");
        Programs.Shell(folder, $"sqlite3 '{path}' 'PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)'");
        return () => Programs.Shell(folder, $"""
            test "$(sqlite3 '{path}' "PRAGMA busy_timeout=5000; BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
              INSERT OR REPLACE INTO t SELECT abs(random()) % 20000, randomblob(300) FROM n;
              DELETE FROM t WHERE id % 97 = abs(random()) % 97; COMMIT; PRAGMA quick_check" | tail -n 1)" = ok
            """);
    }

    private Action Repository()
    {
        string path = Directory.CreateDirectory(Path.Combine(folder, "repository")).FullName;
        int round = 0;
        return () =>
        {
            // A new one now and then, so that its size stays bounded.
            if (round++ % 100 == 0)
            {
                Programs.Shell(path, "rm -rf .git *; git init -q . ; git config user.email soak@example.org; git config user.name soak; git config gc.auto 0");
            }
            Programs.Shell(path, $"for i in 1 2 3 4 5; do head -c 5000 /dev/urandom | base64 > file$((({round} * i) % 50)); done; git add -A; git commit -q -m {round}; git fsck --no-progress");
            if (round % 40 == 0)
            {
                Programs.Shell(path, "git gc -q");
            }
        };
    }

    private static byte[] Content((int Seed, int Length) file)
    {
        byte[] bytes = new byte[file.Length];
        new Random(file.Seed).NextBytes(bytes);
        return bytes;
    }
}

using ClawOS.Mounting.Posix;

namespace ClawOS.Conformance.Behaviour;

/// <summary>What stays whole when several threads act at once.</summary>
public abstract class ConcurrentBehaviour(ITarget target) : BehaviourTests(target)
{
    private const int Threads = 4;

    [Fact]
    public void Exactly_one_exclusive_creator_wins()
    {
        for (int round = 0; round < 50; round++)
        {
            int winners = 0;
            string path = In($"f{round}");
            InParallel(_ =>
            {
                Reply reply = Sys.Open(path, Sys.WrOnly | Sys.Creat | Sys.Excl, 0b110_100_100);
                if (reply.Failed)
                    Assert.Equal("EEXIST", reply.Error);
                else
                {
                    Interlocked.Increment(ref winners);
                    Sys.Close((int)reply.Value);
                }
            });
            Assert.Equal(1, winners);
        }
    }

    [Fact]
    public void Appends_of_several_writers_are_all_there_and_whole()
    {
        const int Lines = 200;
        InParallel(thread =>
        {
            int fd = Open("log", Sys.WrOnly | Sys.Creat | Sys.Append);
            for (int i = 0; i < Lines; i++)
                Sys.Write(fd, System.Text.Encoding.ASCII.GetBytes($"{thread}:{i:D5}:{new string((char)('a' + thread), 50)}\n")).Must("write");
            Sys.Close(fd);
        });
        string[] lines = System.Text.Encoding.ASCII.GetString(Read("log")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Threads * Lines, lines.Length);
        for (int thread = 0; thread < Threads; thread++)
        {
            string[] mine = [.. lines.Where(l => l[0] == '0' + thread)];
            Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"{thread}:{i:D5}:{new string((char)('a' + thread), 50)}"), mine);
        }
    }

    [Fact]
    public void A_name_that_is_replaced_is_never_missing()
    {
        Write("name", "0000"u8);
        bool done = false;
        InParallel(thread =>
        {
            if (thread == 0)
            {
                for (int i = 0; i < 300; i++)
                {
                    Write("next", System.Text.Encoding.ASCII.GetBytes($"{i:D4}"));
                    Sys.Rename(In("next"), In("name")).Must("rename");
                }
                Volatile.Write(ref done, true);
                return;
            }
            while (!Volatile.Read(ref done))
                Assert.Equal(4, Read("name").Length);
        });
    }

    [Fact]
    public void Two_folders_cannot_be_moved_into_each_other_at_once()
    {
        for (int round = 0; round < 60; round++)
        {
            string a = In($"a{round}"), b = In($"b{round}");
            Sys.MkDir(a, 0b111_101_101).Must("mkdir");
            Sys.MkDir(b, 0b111_101_101).Must("mkdir");
            Reply[] replies = new Reply[2];
            Parallel.Invoke(
                () => replies[0] = Sys.Rename(a, b + "/x"),
                () => replies[1] = Sys.Rename(b, a + "/y"));
            Assert.Single(replies, r => !r.Failed);
            bool aOutside = !replies[1].Failed;
            Assert.Null(Stat.Of(aOutside ? a + "/y" : b + "/x", follow: false, out Stat stat).Error);
            Assert.Equal("dir", stat.Type);
        }
    }

    [Fact]
    public void Makers_and_removers_in_one_folder_leave_what_they_should()
    {
        const int Files = 150;
        InParallel(thread =>
        {
            for (int i = 0; i < Files; i++)
            {
                string name = $"t{thread}.{i:D3}";
                Write(name, "x"u8);
                if (i % 3 == 0)
                    Sys.Unlink(In(name)).Must("unlink");
                else if (i % 3 == 1)
                    Sys.Rename(In(name), In(name + ".moved")).Must("rename");
            }
        });
        string[] expected = [.. Enumerable.Range(0, Threads).SelectMany(t => Enumerable.Range(0, Files)
            .Where(i => i % 3 != 0).Select(i => $"t{t}.{i:D3}" + (i % 3 == 1 ? ".moved" : ""))).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, DirectoryStream.Names(Folder));
    }

    [Fact]
    public void Callers_of_different_users_are_told_apart_at_the_same_time()
    {
        Write("private", "x"u8);
        Sys.ChMod(In("private"), 0b110_000_000).Must("chmod");
        InParallel(thread => Identity.OnOwnThread(thread % 2 == 0 ? new Identity(65534, 65534) : null, () =>
        {
            for (int i = 0; i < 200; i++)
            {
                Reply reply = Sys.Open(In("private"), Sys.RdOnly);
                Assert.Equal(thread % 2 == 0 ? "EACCES" : null, reply.Error);
                if (!reply.Failed)
                    Sys.Close((int)reply.Value);
            }
        }));
    }

    private static void InParallel(Action<int> work)
    {
        Exception?[] failures = new Exception?[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(i => new Thread(() =>
        {
            try
            {
                work(i);
            }
            catch (Exception e)
            {
                failures[i] = e;
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        foreach (Exception? failure in failures)
            Assert.Null(failure);
    }
}

[Collection(Ext4Target.Name)]
public sealed class Concurrency_on_ext4(Ext4Target target) : ConcurrentBehaviour(target);

[Collection(ClawTarget.Name)]
public sealed class Concurrency_on_claw(ClawTarget target) : ConcurrentBehaviour(target);

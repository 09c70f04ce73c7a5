using System.Diagnostics;
using ClawFS.Linux;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;
using ClawFS.Vfs;

namespace ClawFS.Store.Tests.Commit;

public sealed class StressTests(ITestOutputHelper output)
{
    private const int Threads = 8;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Eight_threads_in_shared_folders_beside_commits_neither_hang_nor_damage_anything()
    {
        int seed = Seed.For(output);
        using var store = new StoreFixture(cachedInodes: 300);
        ulong top = store.User.Folder(TreeUser.Root, "top");
        ulong[] folders = [top, .. Enumerable.Range(0, 4).Select(i => store.User.Folder(top, $"d{i}"))];
        long end = Stopwatch.GetTimestamp() + (long)(Duration.TotalSeconds * Stopwatch.Frequency);
        long operations = 0;
        var work = new List<Task>();
        for (int i = 0; i < Threads; i++)
        {
            var random = new Random(seed + i);
            work.Add(Task.Factory.StartNew(() =>
            {
                var user = new StressUser(store.Tree, folders, random);
                while (Stopwatch.GetTimestamp() < end)
                {
                    user.Step();
                    Interlocked.Increment(ref operations);
                }
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
        work.Add(Task.Factory.StartNew(() =>
        {
            while (Stopwatch.GetTimestamp() < end)
            {
                store.Store.Commit();
            }
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        // A deadlock shows as a timeout, with the seed printed above.
        await Task.WhenAll(work).WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        output.WriteLine($"{operations} operations, {store.Store.Statistics.Checkpoints} checkpoints");
        foreach (ulong folder in folders)
        {
            store.User.Forget(folder);
        }
        Assert.Equal(0, store.Store.Statistics.KnownNodes);
        Assert.Empty(store.Reports);
        string before = ModelNode.DumpStore(store.User, store.Tree, TreeUser.Root);
        store.IsClean();
        store.Reopen();
        store.IsClean();
        Assert.Equal(before, ModelNode.DumpStore(store.User, store.Tree, TreeUser.Root));
    }
}

/// <summary>One of several who work in the same folders: any answer that another's work explains is fine, EIO never is.</summary>
internal sealed class StressUser(StoredTree tree, ulong[] folders, Random random)
{
    private readonly LocalRequest request = new(0, 0);
    private readonly byte[] buffer = new byte[20_000];

    public void Step()
    {
        ulong folder = Folder();
        byte[] name = Name();
        switch (random.Next(12))
        {
            case 0 or 1:
                if (Fine(tree.Create(request, folder, name, 0x1A4, 0, out Entry file, out _)))
                {
                    Fine(tree.Write(request, file.Node, 0, (ulong)random.Next(30_000), buffer.AsSpan(0, random.Next(1, 20_000)), false, false, out _));
                    tree.Forget(file.Node, 1);
                }
                break;
            case 2:
                if (Fine(tree.MkDir(request, folder, name, 0x1ED, out Entry made)))
                {
                    tree.Forget(made.Node, 1);
                }
                break;
            case 3:
                Fine(tree.Unlink(request, folder, name));
                break;
            case 4:
                Fine(tree.RmDir(request, folder, name));
                break;
            case 5 or 6:
                Fine(tree.Rename(request, folder, name, Inner(Folder()), Name(), (uint)random.Next(3)));
                break;
            case 7:
                WithNode(folder, name, node => Link(node));
                break;
            case 8:
                WithNode(folder, name, node => Fine(tree.SetXattr(request, node, "user.a"u8, buffer.AsSpan(0, random.Next(500)), 0)));
                break;
            case 9:
                WithNode(folder, name, node => Fine(tree.SetAttr(request, node, new SetAttr { Fields = SetAttrFields.Size, Size = (ulong)random.Next(40_000) }, out _, out _)));
                break;
            case 10:
                WithNode(folder, name, node => Fine(tree.Read(request, node, 0, (ulong)random.Next(20_000), buffer, out _)));
                break;
            default:
                ListAll(folder);
                break;
        }
    }

    private ulong Folder() => folders[random.Next(folders.Length)];

    private byte[] Name() => TreeUser.Bytes($"n{random.Next(40)}");

    /// <summary>Sometimes a folder below, so that whole trees move.</summary>
    private ulong Inner(ulong folder)
    {
        if (random.Next(2) == 0 || !Fine(tree.Lookup(request, folder, Name(), out Entry entry)) || entry.Node == 0)
        {
            return folder;
        }
        tree.Forget(entry.Node, 1);
        return entry.Attr.IsDirectory ? entry.Node : folder;
    }

    private void Link(ulong node)
    {
        if (Fine(tree.Link(request, node, Folder(), Name(), out Entry linked)))
        {
            tree.Forget(linked.Node, 1);
        }
    }

    private void WithNode(ulong folder, byte[] name, Action<ulong> use)
    {
        if (Fine(tree.Lookup(request, folder, name, out Entry entry)) && entry.Node != 0)
        {
            use(entry.Node);
            tree.Forget(entry.Node, 1);
        }
    }

    private void ListAll(ulong folder)
    {
        ulong cookie = 0;
        while (true)
        {
            var sink = new ListSink(50, plus: true);
            if (!Fine(tree.ReadDir(request, folder, cookie, sink)) || sink.Entries.Count == 0)
            {
                return;
            }
            foreach (ListedName entry in sink.Entries.Where(static e => e.Counted != 0))
            {
                tree.Forget(entry.Counted, 1);
            }
            cookie = sink.Entries[^1].Next;
        }
    }

    private static bool Fine(Errno error)
    {
        if (error is Errno.EIO or Errno.EDQUOT or Errno.ENOSPC)
        {
            Assert.Fail($"an operation answered {error}");
        }
        return error == Errno.Ok;
    }
}

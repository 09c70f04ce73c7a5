using System.Globalization;
using ClawFS.Linux;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Ops;
using FileMode = ClawFS.Vfs.FileMode;

namespace ClawFS.Store.Tests.Faults;

/// <summary>Operations on a store of which any may be refused. What was answered with success is in the model, what was refused is not.</summary>
internal sealed class FaultWork(StoreFixture store, Random random)
{
    private readonly ModelNode root = new(FileMode.Directory) { Id = TreeUser.Root, Permissions = 0x1ED };
    private readonly List<string> states = [];
    private int made;

    /// <summary>What there must be now.</summary>
    public string State => root.Dump();

    /// <summary>The state after each operation, from before the first on.</summary>
    public IReadOnlyList<string> States => states;

    /// <summary>The last state that a successful sync or commit has covered.</summary>
    public int Synced { get; private set; }

    /// <summary>Refusals so far.</summary>
    public List<Errno> Refused { get; } = [];

    public void Run(int operations)
    {
        states.Add(State);
        for (int i = 0; i < operations; i++)
        {
            Errno answer = Step(store.User, out bool syncs);
            if (answer != Errno.Ok)
            {
                Refused.Add(answer);
            }
            states.Add(State);
            Synced = syncs && answer == Errno.Ok ? states.Count - 1 : Synced;
        }
    }

    private Errno Step(TreeUser user, out bool syncs)
    {
        int kind = random.Next(20);
        syncs = kind < 3;
        ModelNode? file = root.Children.Count == 0 ? null : root.Children.Values.ElementAt(random.Next(root.Children.Count));
        string? name = file is null ? null : root.Children.First(c => c.Value == file).Key;
        return kind switch
        {
            0 => Commit(),
            < 3 => user.Request.Wait(store.Tree.Fsync(user.Request, TreeUser.Root, 0, false)),
            < 7 => Create(user),
            _ when file is null => Create(user),
            < 15 => Write(user, file),
            15 => Truncate(user, file),
            16 or 17 => Rename(user, name!, file),
            _ => Unlink(user, name!),
        };
    }

    private Errno Commit()
    {
        try
        {
            store.Store.Commit();
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return e.Error;
        }
    }

    private Errno Create(TreeUser user)
    {
        string name = $"f{(made++).ToString(CultureInfo.InvariantCulture)}";
        Errno error = store.Tree.Create(user.Request, TreeUser.Root, TreeUser.Bytes(name), 0x1A4, 0, out Vfs.Entry entry, out _);
        if (error == Errno.Ok)
        {
            root.Children.Add(name, new ModelNode(FileMode.Regular) { Id = entry.Node, Permissions = 0x1A4 });
            user.Forget(entry.Node);
        }
        return error;
    }

    private Errno Write(TreeUser user, ModelNode file)
    {
        int offset = random.Next(20_000);
        byte[] data = new byte[random.Next(1, 6000)];
        random.NextBytes(data);
        Errno error = store.Tree.Write(user.Request, file.Id, 0, (ulong)offset, data, false, false, out _);
        if (error == Errno.Ok)
        {
            byte[] grown = file.Data;
            Array.Resize(ref grown, Math.Max(grown.Length, offset + data.Length));
            data.CopyTo(grown, offset);
            file.Data = grown;
        }
        return error;
    }

    private Errno Truncate(TreeUser user, ModelNode file)
    {
        int size = random.Next(20_000);
        Errno error = user.Truncate(file.Id, (ulong)size);
        if (error == Errno.Ok)
        {
            byte[] cut = file.Data;
            Array.Resize(ref cut, size);
            file.Data = cut;
        }
        return error;
    }

    private Errno Rename(TreeUser user, string name, ModelNode file)
    {
        string target = $"g{random.Next(10).ToString(CultureInfo.InvariantCulture)}";
        Errno error = user.Rename(TreeUser.Root, name, TreeUser.Root, target);
        if (error == Errno.Ok)
        {
            root.Children.Remove(name);
            root.Children[target] = file;
        }
        return error;
    }

    private Errno Unlink(TreeUser user, string name)
    {
        Errno error = user.Unlink(TreeUser.Root, name);
        if (error == Errno.Ok)
        {
            root.Children.Remove(name);
        }
        return error;
    }
}
